using System.Runtime.CompilerServices;
using BuildRunner.Model.Builds;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.InMemory;
using BuildRunner.Queue.Rules;
using Microsoft.Extensions.Time.Testing;
using Failure = BuildRunner.Queue.Failure;
using Outcome = BuildRunner.Queue.Outcome;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>The queue in memory, of which single messages are claimed and settled, and whose leases end when the model says so.</summary>
internal sealed class ReplayQueue(InMemoryQueueEngine engine, FakeTimeProvider time, Func<TimeSpan, Slot> slotOf)
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    // A message whose lease has ended is due again at once.
    private static readonly RetryPolicy Policy = new(MaxAttempts: 5, Millisecond, Millisecond);

    public async Task<Claim> ClaimAsync(string topic, string partition)
    {
        // Those whose lease has ended are delivered one by one.
        List<Claim> claims = [];
        do
        {
            var result = await RunAsync(topic, limit: 4, takesQuarantined: true);
            result.Claims.Should().NotBeEmpty("the message is due");
            claims.AddRange(result.Claims);
        }
        while (claims.TrueForAll(claim => claim.Lease.PartitionKey != partition));

        foreach (var other in claims.Where(claim => claim.Lease.PartitionKey != partition))
        {
            await SettleAsync(topic, other.Lease, Outcome.HandBack);
        }

        return claims.Single(claim => claim.Lease.PartitionKey == partition);
    }

    public async Task<LeaseResult> SettleAsync(string topic, Lease lease, Outcome outcome) =>
        (await RunAsync(topic, settlement: new Settlement(lease, outcome))).Settlements.Single();

    public Task<LeaseResult> MoveToDeadLettersAsync(string topic, Lease lease) => SettleAsync(topic, lease, Outcome.Reject(new Failure("It fails each time.")));

    public async Task ExpireAsync(string topic, Lease lease)
    {
        await RunAsync(topic, renewed: lease, leaseDuration: Millisecond);
        time.Advance(Millisecond);
        var result = await RunAsync(topic, renewed: lease, takesQuarantined: true);
        result.ExpiredLeases.Should().HaveCount(1);
        foreach (var claim in result.Claims)
        {
            await SettleAsync(topic, claim.Lease, Outcome.HandBack);
        }

        time.Advance(Millisecond);
    }

    /// <summary>Gets what has become of the message of one identity.</summary>
    public Slot SlotOf(string topic, string key)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (StoreOf(DatabaseOf(engine)).Find(topic)?.Find(key) is not { } partition
            || partition.Find(key) is not { } message)
        {
            return Slot.Absent;
        }

        var isCurrent = partition.Row.CurrentSequence == message.Sequence;
        if (isCurrent && partition.Row.LeaseToken is not null)
        {
            return message.WakeAt is not { } wakeAt ? Slot.Leased : wakeAt <= now ? Slot.Woken : Slot.WokenLater;
        }

        var due = isCurrent && partition.Row.PostponedTo is { } postponed ? postponed : message.VisibleAfter;
        return slotOf(TimeSpan.FromMilliseconds(due - now));
    }

    /// <summary>Gets how many messages a partition has whose identity begins in some way.</summary>
    public int CountOf(string topic, string key, string prefix) =>
        StoreOf(DatabaseOf(engine)).Find(topic)?.Find(key)?.Messages.Count(row => row.Id.StartsWith(prefix, StringComparison.Ordinal)) ?? 0;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_database")]
    private static extern ref MemoryQueueDatabase DatabaseOf(InMemoryQueueEngine engine);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_store")]
    private static extern ref MemoryStore StoreOf(MemoryQueueDatabase database);

    private Task<QueueRoundResult> RunAsync(string topic, int limit = 0, bool takesQuarantined = false, Settlement? settlement = null, Lease? renewed = null, TimeSpan? leaseDuration = null) => engine.RunRoundAsync(
        new QueueRound
        {
            Topic = topic,
            Policy = Policy,
            LeaseDuration = leaseDuration ?? ReplayTimes.Lease,
            Settlements = settlement is null ? [] : [settlement],
            Renewals = renewed is null ? [] : [renewed],
            Limit = limit,
            TakesQuarantined = takesQuarantined,
        },
        CancellationToken.None);
}
