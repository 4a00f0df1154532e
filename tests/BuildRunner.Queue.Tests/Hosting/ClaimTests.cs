using System.Diagnostics.Metrics;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>Rules Q7 and Q14: what a consumer asks for, and when it asks again.</summary>
public sealed class ClaimTests
{
    [Fact]
    public async Task A_consumer_has_one_quarantined_message_at_a_time()
    {
        await using TestHost host = new();
        Consumer dead = new(host.Engine) { LeaseDuration = TimeSpan.FromSeconds(1) };
        await dead.PublishAsync("a", "p");
        await dead.PublishAsync("b", "q");
        (await dead.ClaimAsync()).Should().HaveCount(2);
        host.Time.Advance(TimeSpan.FromSeconds(2));
        await host.Hosted.StartAsync(CancellationToken.None);

        var first = await host.NextCallAsync();
        var later = host.Time.GetUtcNow() + TimeSpan.FromMinutes(1);
        await host.UntilAsync(() => host.Time.GetUtcNow() >= later);
        host.Script.Calls.Reader.TryRead(out _).Should().BeFalse();
        first.Answer.SetResult(Outcome.Done);
        var second = await host.NextCallAsync();
        second.Answer.SetResult(Outcome.Done);

        new[] { first, second }.Select(static call => call.Delivery.Message.Id).Should().BeEquivalentTo("a", "b");
    }

    [Fact]
    public async Task The_leases_of_a_dead_process_are_told_of_by_whoever_finds_them()
    {
        // A listener hears all tests of the process.
        const string topic = "expiring";
        var counted = 0L;
        using MeterListener listener = new();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Name == "buildrunner.queue.expired.leases")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => Interlocked.Add(ref counted, tags.ToArray().Contains(new("messaging.destination.name", topic)) ? count : 0));
        listener.Start();
        await using TestHost host = new(build: static queue => queue.AddConsumer<TestHandler>(topic));
        Consumer dead = new(host.Engine, topic) { LeaseDuration = TimeSpan.FromSeconds(1) };
        await dead.PublishAsync("a", "p");
        await dead.PublishAsync("b", "q");
        (await dead.ClaimAsync()).Should().HaveCount(2);
        host.Time.Advance(TimeSpan.FromSeconds(2));

        await host.Hosted.StartAsync(CancellationToken.None);
        (await host.NextCallAsync()).Answer.SetResult(Outcome.Done);
        (await host.NextCallAsync()).Answer.SetResult(Outcome.Done);

        Interlocked.Read(ref counted).Should().Be(2);
    }

    [Fact]
    public async Task A_consumer_looks_again_after_a_short_pause_where_all_that_is_due_is_locked_by_another()
    {
        await using TestHost host = new();
        host.Engine.Change = static result => result with { IsMore = true };
        await host.Hosted.StartAsync(CancellationToken.None);
        await host.NextRoundAsync();

        for (var i = 0; i < 10; i++)
        {
            var before = host.Time.GetUtcNow();
            await host.NextRoundAsync();
            (host.Time.GetUtcNow() - before).Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromMilliseconds(20));
        }
    }
}
