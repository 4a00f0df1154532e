using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Queue.Tests.Engines;

/// <summary>Rule Q10.</summary>
public sealed class InMemoryGrowthTests
{
    [Fact]
    public async Task A_hundred_thousand_partitions_come_and_go_and_leave_nothing()
    {
        await using InMemoryQueueEngine engine = new(new FakeTimeProvider());
        Consumer consumer = new(engine);
        for (var i = 0; i < 200; i++)
        {
            await engine.PublishAsync([.. Enumerable.Range(0, 500).Select(j => new Publication(consumer.Topic, Consumer.MessageOf("a", $"{i}-{j}")))], CancellationToken.None);
            var claims = await consumer.ClaimAsync(500);
            await consumer.ExchangeAsync(settlements: [.. claims.Select(claim => new Settlement(claim.Lease, Resolution.Done))]);
        }

        engine.Size.Should().Be((0, 0, 0));
    }
}
