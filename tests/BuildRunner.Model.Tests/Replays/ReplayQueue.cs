using System.Runtime.CompilerServices;
using BuildRunner.Model.Builds;
using BuildRunner.Orchestration;
using BuildRunner.Queue.Engines;
using BuildRunner.Queue.InMemory;
using BuildRunner.Queue.Rules;
using Microsoft.Extensions.Time.Testing;
using Failure = BuildRunner.Queue.Failure;
using Outcome = BuildRunner.Queue.Outcome;
using Topic = BuildRunner.Model.Builds.Topic;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>The queue in memory, of which single messages are claimed and settled, and whose leases end when the model says so.</summary>
internal sealed class ReplayQueue(InMemoryQueueEngine engine, FakeTimeProvider time)
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    // A message whose lease has ended is due again at once.
    private static readonly RetryPolicy Policy = new(MaxAttempts: 5, Millisecond, Millisecond);

    public static string NameOf(Topic topic) => topic switch
    {
        Topic.Trigger => BuildTopics.TriggerOf(ReplayProcess.Ci),
        Topic.Poll or Topic.Signal => BuildTopics.SignalOf(ReplayProcess.Ci),
        Topic.Deadline => BuildTopics.Deadline,
        Topic.TriggerLetter => Queue.Topic.DeadLettersOf(BuildTopics.TriggerOf(ReplayProcess.Ci)),
        Topic.PollLetter => Queue.Topic.DeadLettersOf(BuildTopics.SignalOf(ReplayProcess.Ci)),
        _ => BuildTopics.Change,
    };

    public async Task<Claim> ClaimAsync(Topic topic, string partition)
    {
        var result = await RunAsync(topic, limit: 2, takesQuarantined: true);
        foreach (var other in result.Claims.Where(claim => claim.Lease.PartitionKey != partition))
        {
            await SettleAsync(topic, other.Lease, Outcome.HandBack);
        }

        return result.Claims.Single(claim => claim.Lease.PartitionKey == partition);
    }

    public async Task<LeaseResult> SettleAsync(Topic topic, Lease lease, Outcome outcome) =>
        (await RunAsync(topic, settlement: new Settlement(lease, outcome))).Settlements.Single();

    public Task<LeaseResult> MoveToDeadLettersAsync(Topic topic, Lease lease) => SettleAsync(topic, lease, Outcome.Reject(new Failure("It fails each time.")));

    public async Task ExpireAsync(Topic topic, Lease lease)
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
    public Slot SlotOf(Topic topic, string key)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (StoreOf(DatabaseOf(engine)).Find(NameOf(topic))?.Find(key) is not { } partition
            || partition.ByDueTime.FirstOrDefault(row => row.Id == key) is not { } message)
        {
            return Slot.Absent;
        }

        var isCurrent = partition.Row.CurrentSequence == message.Sequence;
        if (isCurrent && partition.Row.LeaseToken is not null)
        {
            return message.WakeAt is null ? Slot.Leased : Slot.Woken;
        }

        var due = isCurrent && partition.Row.PostponedTo is { } postponed ? postponed : message.VisibleAfter;
        return ReplayTimes.SlotOf(TimeSpan.FromMilliseconds(due - now));
    }

    public int CountOf(Topic topic, string key) => StoreOf(DatabaseOf(engine)).Find(NameOf(topic))?.Find(key)?.ByDueTime.Count ?? 0;

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_database")]
    private static extern ref MemoryQueueDatabase DatabaseOf(InMemoryQueueEngine engine);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_store")]
    private static extern ref MemoryStore StoreOf(MemoryQueueDatabase database);

    private Task<QueueRoundResult> RunAsync(Topic topic, int limit = 0, bool takesQuarantined = false, Settlement? settlement = null, Lease? renewed = null, TimeSpan? leaseDuration = null) => engine.RunRoundAsync(
        new QueueRound
        {
            Topic = NameOf(topic),
            Policy = Policy,
            LeaseDuration = leaseDuration ?? ReplayTimes.Lease,
            Settlements = settlement is null ? [] : [settlement],
            Renewals = renewed is null ? [] : [renewed],
            Limit = limit,
            TakesQuarantined = takesQuarantined,
        },
        CancellationToken.None);
}
