namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>Handlers that do not end when they are told.</summary>
public sealed class GivenUpTests
{
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

        first.Resolution.Should().Match<Resolution>(static resolution => resolution.Kind == ResolutionKind.Retry && resolution.Failure!.Type == "handler_timeout");
        second.Should().Match<Settlement>(static settlement => settlement.Lease.PartitionKey == "q" && settlement.Resolution == Resolution.Done);
    }
}
