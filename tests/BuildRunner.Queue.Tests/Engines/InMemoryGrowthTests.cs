using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Queue.Tests.Engines;

/// <summary>Rule Q10. Alone, because what others allocate meanwhile would count.</summary>
[CollectionDefinition(nameof(InMemoryGrowthTests), DisableParallelization = true)]
[Collection(nameof(InMemoryGrowthTests))]
[Slow]
public sealed class InMemoryGrowthTests
{
    private const int Batch = 500;

    [Fact]
    public async Task A_million_partitions_come_and_go_in_constant_memory()
    {
        await using InMemoryQueueEngine engine = new(new FakeTimeProvider());
        await ComeAndGoAsync(engine, 10_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await ComeAndGoAsync(engine, 1_000_000);

        var growth = GC.GetTotalMemory(forceFullCollection: true) - before;
        engine.Size.Should().Be((0, 0, 0));

        // A byte per partition would be too much.
        growth.Should().BeLessThan(1_000_000);
    }

    private static async Task ComeAndGoAsync(InMemoryQueueEngine engine, int partitions)
    {
        Consumer consumer = new(engine);
        for (var i = 0; i < partitions; i += Batch)
        {
            await engine.PublishAsync([.. Enumerable.Range(i, Batch).Select(j => new OutgoingMessage(consumer.Topic, Consumer.MessageOf("a", $"{j}")))], CancellationToken.None);
            var claims = await consumer.ClaimAsync(Batch);
            await consumer.RunRoundAsync(settlements: [.. claims.Select(static claim => new Settlement(claim.Lease, Outcome.Done))]);
        }
    }
}
