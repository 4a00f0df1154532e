namespace BuildRunner.Queue.Rules;

/// <summary>Applies the resolution of a settled message.</summary>
internal sealed class MessageSettlement(QueueRound round, QueueClock clock, RoundWrites writes, DeadLetterMove deadLetters)
{
    public bool IsDeadLettered(Outcome resolution) =>
        resolution.Kind == OutcomeKind.Reject && !Topic.IsForDeadLetters(round.Topic);

    public void Settle(LockedPartition partition, Outcome resolution)
    {
        if (resolution.Kind == OutcomeKind.Postpone && IsAsPublished(partition.Current!))
        {
            writes.Postpone(partition, partition.Current!, resolution.Delay);
            return;
        }

        var message = partition.EndDelivery(isSettled: resolution.Kind != OutcomeKind.HandBack);
        switch (resolution.Kind)
        {
            case OutcomeKind.Done:
                writes.Finish(partition, message);
                break;
            case OutcomeKind.Postpone:
                message.Failures = 0;
                message.VisibleAfter = Math.Min(clock.After(resolution.Delay), message.WakeAt ?? long.MaxValue);
                message.WakeAt = null;
                writes.Keep(partition, message, staysCurrent: true);
                break;
            case OutcomeKind.Retry:
                message.Failures++;
                writes.BackOff(partition, message, resolution.Delay);
                break;
            case OutcomeKind.Reject when Topic.IsForDeadLetters(round.Topic):
                message.Failures++;
                writes.BackOff(partition, message, round.Policy.MaxDelay);
                break;
            case OutcomeKind.Reject:
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
