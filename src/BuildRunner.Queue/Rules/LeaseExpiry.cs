namespace BuildRunner.Queue.Rules;

/// <summary>Applies the expiry of a lease: the first quarantines the message; each further one counts as a failure.</summary>
internal sealed class LeaseExpiry(QueueRound round, QueueClock clock, RoundWrites writes, DeadLetterMove deadLetters)
{
    /// <summary>Gets the failure for a last attempt that ended with an expired lease.</summary>
    public static Failure Failure { get; } = new(
        "The lease ended before the message was settled: its process ended, or was cut off, while it handled the message.",
        "lease_expired");

    public List<ExpiredLease> Expired { get; } = [];

    public bool IsDeadLettered(LockedPartition partition) =>
        partition.Current!.IsQuarantined && round.Policy.IsExhausted(round.Topic, partition.Current.Failures + 1);

    public void Expire(LockedPartition partition)
    {
        var isDeadLettered = IsDeadLettered(partition);
        var message = partition.EndDelivery(isSettled: false);
        Expired.Add(new ExpiredLease(message.Key, isDeadLettered));
        if (isDeadLettered)
        {
            deadLetters.Move(message, Failure, clock);
            writes.Finish(partition, message);
            return;
        }

        message.Failures += message.IsQuarantined ? 1 : 0;
        message.IsQuarantined = true;
        writes.BackOff(partition, message, round.Policy.DelayAfter(Math.Max(1, message.Failures), Random.Shared.NextDouble()));
    }
}
