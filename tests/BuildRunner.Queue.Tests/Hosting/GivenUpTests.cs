namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>Handlers that do not end when they are told.</summary>
public sealed class GivenUpTests
{
    [Theory]
    [InlineData(OutcomeKind.Done, OutcomeKind.Done)]
    [InlineData(OutcomeKind.Reject, OutcomeKind.Reject)]
    [InlineData(OutcomeKind.Retry, OutcomeKind.Retry)]
    [InlineData(OutcomeKind.Postpone, OutcomeKind.Retry)]
    internal async Task What_is_returned_after_the_time_out_is_final_or_counts_as_a_failure(OutcomeKind returned, OutcomeKind expected)
    {
        await using var host = await TestHost.StartAsync(static options => options.HandlerTimeout = TimeSpan.FromSeconds(10));
        await host.PublishAsync("a");
        var call = await host.NextCallAsync();
        await host.UntilAsync(() => call.Token.IsCancellationRequested);

        call.Answer.SetResult(returned switch
        {
            OutcomeKind.Done => Outcome.Done,
            OutcomeKind.Reject => Outcome.Reject(new Failure("never")),
            OutcomeKind.Retry => Outcome.Retry(new Failure("no")),
            _ => Outcome.Postpone(TimeSpan.Zero),
        });

        (await host.NextSettledAsync()).Resolution.Kind.Should().Be(expected);
    }

    [Fact]
    public async Task A_handler_that_postpones_after_each_time_out_makes_a_dead_letter_in_the_end()
    {
        await using var host = await TestHost.StartAsync(static options =>
        {
            options.HandlerTimeout = TimeSpan.FromSeconds(10);
            options.MaxAttempts = 2;
        });
        await host.PublishAsync("a");
        for (var i = 0; i < 2; i++)
        {
            var call = await host.NextCallAsync();
            await host.UntilAsync(() => call.Token.IsCancellationRequested);
            call.Answer.SetResult(Outcome.Postpone(TimeSpan.Zero));
        }

        (await host.NextSettledAsync()).Resolution.Kind.Should().Be(OutcomeKind.Retry);
        (await host.NextSettledAsync()).Resolution.Kind.Should().Be(OutcomeKind.Reject);
    }

    [Fact]
    public async Task A_handler_that_blocks_its_thread_is_given_up_and_its_slot_is_another_s()
    {
        using ManualResetEventSlim released = new();
        await using var host = await TestHost.StartAsync(static options =>
        {
            options.Concurrency = 1;
            options.HandlerTimeout = TimeSpan.FromSeconds(10);
        });
        host.Script.Always = call =>
        {
            if (call.Delivery.Message.Id == "blocks")
            {
                host.Script.Wait(call);
                released.Wait();
            }

            return Outcome.Done;
        };
        await host.PublishAsync("blocks", "p");
        await host.NextCallAsync();
        await host.PublishAsync("a", "q");

        var first = await host.NextSettledAsync();
        var second = await host.NextSettledAsync();
        released.Set();

        first.Resolution.Should().Match<Outcome>(static resolution => resolution.Kind == OutcomeKind.Retry && resolution.Failure!.Type == "handler_timeout");
        second.Should().Match<Settlement>(static settlement => settlement.Lease.PartitionKey == "q" && settlement.Resolution == Outcome.Done);
    }
}
