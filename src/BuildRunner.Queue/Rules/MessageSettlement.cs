using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Sessions;

namespace BuildRunner.Queue.Rules;

/// <summary>Applies the resolution of a settled message.</summary>
internal sealed class MessageSettlement(QueueRound round, QueueClock clock, RoundWrites writes, DeadLetterMove deadLetters)
{
    public bool IsDeadLettered(Resolution resolution) =>
        resolution.Kind == ResolutionKind.DeadLetter && !Topic.IsForDeadLetters(round.Topic);

    public void Settle(LockedPartition partition, Resolution resolution)
    {
        if (resolution.Kind == ResolutionKind.Postpone && IsAsPublished(partition.Current!))
        {
            writes.Postpone(partition, partition.Current!, resolution.Delay);
            return;
        }

        var message = partition.EndDelivery(isSettled: resolution.Kind != ResolutionKind.HandBack);
        switch (resolution.Kind)
        {
            case ResolutionKind.Done:
                writes.Finish(partition, message);
                break;
            case ResolutionKind.Postpone:
                message.Failures = 0;
                message.VisibleAfter = Math.Min(clock.After(resolution.Delay), message.WakeAt ?? long.MaxValue);
                message.WakeAt = null;
                writes.Keep(partition, message, staysCurrent: true);
                break;
            case ResolutionKind.Retry:
                message.Failures++;
                writes.BackOff(partition, message, resolution.Delay);
                break;
            case ResolutionKind.DeadLetter when Topic.IsForDeadLetters(round.Topic):
                message.Failures++;
                writes.BackOff(partition, message, round.Policy.MaxDelay);
                break;
            case ResolutionKind.DeadLetter:
                deadLetters.Move(message, resolution.Failure!, clock);
                writes.Finish(partition, message);
                break;
            default:
                // An earlier wake has no effect any more: the message is offered at once.
                message.WakeAt = null;
                writes.Keep(partition, message, staysCurrent: true);
                break;
        }
    }

    /// <summary>Determines whether the partition's row can hold all that a postpone changes.</summary>
    private static bool IsAsPublished(MessageRow message) =>
        message is { Failures: 0, WakeAt: null, IsBackingOff: false, IsQuarantined: false, IsUnsettled: false };
}
