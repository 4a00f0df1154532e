using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Queue.Tests.Hosting;

public sealed class PublisherTests
{
    [Fact]
    public async Task A_closed_publisher_says_so()
    {
        TestHost host = new();
        var publisher = host.Publisher;
        await host.DisposeAsync();

        var publish = () => publisher.PublishAsync("t", Consumer.MessageOf("a"));
        var publishAfter = () => publisher.PublishAfterAsync("t", Consumer.MessageOf("a"), TimeSpan.FromSeconds(1));
        var publishAll = () => publisher.PublishAllAsync([]);

        await publish.Should().ThrowAsync<ObjectDisposedException>();
        await publishAfter.Should().ThrowAsync<ObjectDisposedException>();
        await publishAll.Should().ThrowAsync<ObjectDisposedException>();
    }

    [Fact]
    public async Task A_payload_that_is_too_large_is_refused_and_nothing_of_its_batch_is_stored()
    {
        await using TestHost host = new(build: static builder => builder.Configure(static options => options.MaxPayloadBytes = 10));

        var act = () => host.Publisher.PublishAllAsync([new OutgoingMessage(TestHost.Topic, Consumer.MessageOf("a")), new OutgoingMessage(TestHost.Topic, new Message { PartitionKey = "p", Id = "b", Payload = new byte[11] })]);

        await act.Should().ThrowAsync<ArgumentException>();
        (await new Consumer(host.Engine).ClaimAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_delay_past_the_range_is_refused()
    {
        await using TestHost host = new();

        var act = () => host.Publisher.PublishAfterAsync(TestHost.Topic, Consumer.MessageOf("a"), TimeSpan.MaxValue);

        await act.Should().ThrowAsync<ArgumentOutOfRangeException>();
    }

    [Fact]
    public async Task An_empty_batch_stores_nothing()
    {
        await using TestHost host = new();

        (await host.Publisher.PublishAllAsync([])).Should().BeEmpty();
    }

    [Fact]
    public async Task A_canceled_token_stores_nothing()
    {
        await using TestHost host = new();

        var act = () => host.Publisher.PublishAsync(TestHost.Topic, Consumer.MessageOf("a"), new CancellationToken(canceled: true));

        await act.Should().ThrowAsync<OperationCanceledException>();
        (await new Consumer(host.Engine).ClaimAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task The_trace_of_the_publisher_goes_on_in_the_handler()
    {
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == "BuildRunner.Queue",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await TestHost.StartAsync();
        Activity? handling = null;
        host.Script.Always = _ =>
        {
            handling = Activity.Current;
            return Outcome.Done;
        };
        using var caller = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start();
        caller.TraceStateString = "k=v";
        await host.PublishAsync("a");

        var call = await host.NextCallAsync();
        await host.NextSettledAsync();

        handling!.TraceId.Should().Be(caller.TraceId);
        handling.TraceStateString.Should().Be("k=v");
        handling.Kind.Should().Be(ActivityKind.Consumer);
        handling.Tags.Should().Contain(new KeyValuePair<string, string?>("messaging.destination.name", TestHost.Topic));
        call.Delivery.Message.Headers.Should().ContainKeys("traceparent", "tracestate");
    }

    [Fact]
    public async Task No_metric_has_an_id_or_a_partition_key_among_its_tags()
    {
        List<string> values = [];
        HashSet<string> instruments = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "BuildRunner.Queue")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        void Record(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (values)
            {
                instruments.Add(instrument.Name);
                values.AddRange(tags.ToArray().Select(static tag => $"{tag.Value}"));
            }
        }

        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Record(instrument, tags));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Record(instrument, tags));
        listener.Start();
        await using var host = await TestHost.StartAsync();
        host.Script.Always = static _ => Outcome.Done;
        await host.PublishAsync("secret-id", "secret-partition");
        await host.NextSettledAsync();
        await host.PublishAsync("secret-id", "secret-partition");
        await host.NextSettledAsync();

        lock (values)
        {
            instruments.Should().Contain(["messaging.client.sent.messages", "messaging.client.consumed.messages", "messaging.process.duration", "buildrunner.queue.settled.messages"]);
            values.Should().Contain([TestHost.Topic, "memory"]).And.NotContain(value => value.Contains("secret", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task The_topic_of_dead_letters_itself_is_refused_where_the_topic_that_they_were_in_is_meant()
    {
        await using TestHost host = new();
        var letters = host.Services.GetRequiredService<IDeadLetters>();
        var topic = Topic.DeadLettersOf(TestHost.Topic);
        MessageKey key = new() { PartitionKey = "p", Id = "a" };
        Func<Task>[] calls =
        [
            () => letters.ListAsync(topic),
            () => letters.RedriveAsync(topic, key),
            () => letters.RedriveAllAsync(topic),
            () => letters.PurgeAsync(topic, key),
            () => letters.PurgeAllAsync(topic),
        ];

        foreach (var call in calls)
        {
            await call.Should().ThrowAsync<ArgumentException>();
        }
    }

    [Fact]
    public async Task Dead_letters_are_listed_redriven_and_purged_by_the_topic_that_they_were_in()
    {
        await using TestHost host = new();
        Consumer consumer = new(host.Engine);
        for (var i = 0; i < 250; i++)
        {
            await consumer.PublishAsync($"{i:000}", $"{i}");
        }

        await consumer.RunRoundAsync(settlements: [.. (await consumer.ClaimAsync(250)).Select(claim => new Settlement(claim.Lease, Outcome.Reject(new Failure("no"))))]);
        var letters = host.Services.GetRequiredService<IDeadLetters>();

        (await letters.ListAsync(TestHost.Topic, 10)).Letters.Should().HaveCount(10);
        (await letters.RedriveAsync(TestHost.Topic, new MessageKey { PartitionKey = "7", Id = "007" })).Should().BeTrue();
        (await letters.PurgeAsync(TestHost.Topic, new MessageKey { PartitionKey = "8", Id = "008" })).Should().BeTrue();
        (await letters.PurgeAsync(TestHost.Topic, new MessageKey { PartitionKey = "8", Id = "008" })).Should().BeFalse();
        (await letters.RedriveAllAsync(TestHost.Topic)).Should().Be(248);
        (await letters.PurgeAllAsync(TestHost.Topic)).Should().Be(0);
        (await consumer.ClaimAsync(500)).Should().HaveCount(249);
    }
}
