using BuildRunner.Queue;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Relational;

/// <summary>What becomes of a message whose lease ends, by a settlement or by a lapse.</summary>
internal sealed class LeaseEnds(QueueRound round, QueueClock clock, RoundWrites writes, DeadLetterTopic letters)
{
    /// <summary>Gets the leases that have expired.</summary>
    public List<ExpiredLease> ExpiredLeases { get; } = [];

    /// <summary>Gets a value indicating whether a settlement makes its message a dead letter.</summary>
    public bool IsBuried(Resolution resolution) => resolution.Kind == ResolutionKind.DeadLetter && !Topic.IsForDeadLetters(round.Topic);

    /// <summary>Gets a value indicating whether a lapse makes its message a dead letter.</summary>
    public bool IsExhausted(PartitionWork work) => work.Held!.IsQuarantined && round.Policy.IsExhausted(round.Topic, work.Held.Failures + 1);

    public void Settle(PartitionWork work, Resolution resolution)
    {
        var message = End(work, isSettled: resolution.Kind != ResolutionKind.HandBack);
        switch (resolution.Kind)
        {
            case ResolutionKind.Done:
                Finish(work, message);
                break;
            case ResolutionKind.Postpone:
                message.Failures = 0;
                message.VisibleAfter = Math.Min(clock.After(resolution.Delay), message.WakeAt ?? long.MaxValue);
                message.WakeAt = null;
                writes.Keep(work, message, holds: true);
                break;
            case ResolutionKind.Retry:
                message.Failures++;
                writes.Pause(work, message, clock.After(resolution.Delay));
                break;
            case ResolutionKind.DeadLetter when Topic.IsForDeadLetters(round.Topic):
                message.Failures++;
                writes.Pause(work, message, clock.After(round.Policy.MaxDelay));
                break;
            case ResolutionKind.DeadLetter:
                letters.Take(new Burial(work, message, resolution.Failure!), clock);
                Finish(work, message);
                break;
            default:
                // What was to wake the message wakes nothing any more: it is offered at once.
                message.WakeAt = null;
                writes.Keep(work, message, holds: true);
                break;
        }
    }

    public void ExpiredLease(PartitionWork work)
    {
        var isExhausted = IsExhausted(work);
        var message = End(work, isSettled: false);
        ExpiredLeases.Add(new ExpiredLease(new MessageKey { PartitionKey = message.PartitionKey, Id = message.Id }, isExhausted));
        if (isExhausted)
        {
            letters.Take(new Burial(work, message, ExpiredLeaseFailure.Failure), clock);
            Finish(work, message);
            return;
        }

        message.Failures += message.IsQuarantined ? 1 : 0;
        message.IsQuarantined = true;
        writes.Pause(work, message, clock.After(round.Policy.DelayAfter(Math.Max(1, message.Failures), Random.Shared.NextDouble())));
    }

    /// <summary>Has the message be what it became when it was claimed. A claim writes the row of the partition alone, because the end of the lease writes that of the message anyway.</summary>
    private static MessageRow End(PartitionWork work, bool isSettled)
    {
        var message = work.Held!;
        message.Deliveries++;
        message.IsBackingOff = false;
        message.IsUnsettled = !isSettled;
        message.IsQuarantined &= !isSettled;
        return message;
    }

    private void Finish(PartitionWork work, MessageRow message)
    {
        if (message.WakeAt is not { } wakeAt)
        {
            writes.Remove(work, message);
            return;
        }

        message.VisibleAfter = wakeAt;
        message.WakeAt = null;
        message.Failures = 0;
        message.Deliveries = 0;
        message.IsQuarantined = false;
        message.IsUnsettled = false;
        message.IsBackingOff = false;
        message.PublishedAt = clock.Floor;
        writes.Keep(work, message, holds: false);
    }
}
