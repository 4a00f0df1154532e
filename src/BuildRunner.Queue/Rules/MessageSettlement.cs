using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Sessions;

namespace BuildRunner.Queue.Rules;

/// <summary>Decides what becomes of a message that is settled.</summary>
internal sealed class MessageSettlement(QueueRound round, QueueClock clock, RoundWrites writes, DeadLetterMove deadLetters)
{
    public bool IsDeadLettered(Resolution resolution) =>
        resolution.Kind == ResolutionKind.DeadLetter && !Topic.IsForDeadLetters(round.Topic);

    public void Settle(LockedPartition partition, Resolution resolution)
    {
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
                // What was to wake the message wakes nothing any more: it is offered at once.
                message.WakeAt = null;
                writes.Keep(partition, message, staysCurrent: true);
                break;
        }
    }
}
