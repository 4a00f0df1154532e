namespace BuildRunner.Queue.Rules;

/// <summary>Decides which locked partitions are claimed: those that were ready first, and at most one quarantined message.</summary>
internal sealed class ClaimOrder(
    QueueSession session, QueueRound round, QueueClock clock, RoundWrites writes, Dictionary<string, LockedPartition> partitions)
{
    private readonly List<Claim> _claims = [];
    private bool _hasQuarantined = !round.TakesQuarantined;

    public async Task<IReadOnlyList<Claim>> ClaimAsync(CancellationToken cancellationToken)
    {
        // A message settled in this round has a known rank; the row has the rank of what was ready before.
        List<LockedPartition> ready =
        [
            .. partitions.Values.Where(IsFree)
                .OrderBy(static partition => partition.Row.ReadyAt)
                .ThenBy(static partition => partition.Next?.Sequence ?? 0),
        ];
        List<LockedPartition> candidates =
        [
            .. ready.Where(static partition => !partition.Row.IsQuarantined).Take(round.Limit),
            .. ready.Where(static partition => partition.Row.IsQuarantined).Take(round.TakesQuarantined ? 1 : 0),
        ];
        await ReadAsync(candidates, cancellationToken).ConfigureAwait(false);

        // The current message was deleted by hand; the rest of the partition is still there.
        var orphans = candidates.FindAll(static partition => partition is { Candidate: null, Row.CurrentSequence: not null });
        orphans.ForEach(static partition => partition.Row.CurrentSequence = null);
        await ReadAsync(orphans, cancellationToken).ConfigureAwait(false);
        candidates.ForEach(Claim);
        return _claims;
    }

    private bool IsFree(LockedPartition partition) =>
        partition.Row.LeaseToken is null && !partition.IsEmpty && partition.Row.ReadyAt <= clock.Floor;

    private async Task ReadAsync(List<LockedPartition> candidates, CancellationToken cancellationToken)
    {
        if (candidates.Count == 0)
        {
            return;
        }

        List<long> sequences = [];
        List<string> others = [];
        foreach (var partition in candidates)
        {
            if ((partition.Next?.Sequence ?? partition.Row.CurrentSequence) is { } sequence)
            {
                sequences.Add(sequence);
            }
            else
            {
                others.Add(partition.Row.Key);
            }
        }

        MessageQuery query = new() { Topic = round.Topic, SequencesWithContent = sequences, FirstsWithContent = others };
        var read = await session.ReadAsync(query, cancellationToken).ConfigureAwait(false);
        foreach (var message in read.BySequence.Concat(read.Firsts))
        {
            partitions[message.PartitionKey].Candidate = message;
        }
    }

    private void Claim(LockedPartition partition)
    {
        writes.Write(partition);
        if (partition.Candidate is not { } read)
        {
            partition.IsEmpty = true;
            return;
        }

        // This round's decision about the message is not written yet.
        var message = writes.Latest(read);
        if (partition.Row.CurrentSequence == message.Sequence)
        {
            partition.Row.Complete(message);
        }

        partition.Row.ReadyAt = message.VisibleAfter;
        partition.Row.IsQuarantined = message.IsQuarantined;
        if (message.VisibleAfter <= clock.Floor && (!message.IsQuarantined || !_hasQuarantined))
        {
            Claim(partition, message, read.Content!);
        }
    }

    private void Claim(LockedPartition partition, MessageRow message, MessageContent content)
    {
        if (content.Message is not { } readable)
        {
            // Nobody can handle it, and it must not block the others.
            message.Failures++;
            writes.BackOff(partition, message, round.Policy.MaxDelay);

            // Unknown messages may be behind it: the next claim looks.
            partition.Row.ReadyAt = clock.Floor;
            return;
        }

        _hasQuarantined |= message.IsQuarantined;
        Lease lease = new(partition.Row.Key, Random.Shared.NextInt64());
        Delivery delivery = new()
        {
            Message = readable,
            Topic = round.Topic,
            Attempt = message.Failures + 1,
            Deliveries = message.Deliveries + 1,
            Redelivered = message.IsUnsettled,
            PublishedAt = DateTimeOffset.FromUnixTimeMilliseconds(message.PublishedAt),

            // Rows written by other programs may have 0 for "at once".
            DueAt = DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(message.VisibleAfter, message.PublishedAt)),
            DeadLetterCause = content.Cause,
        };
        partition.Row.CurrentSequence = message.Sequence;
        partition.Row.LeaseToken = lease.Token;
        partition.Row.ReadyAt = clock.After(round.LeaseDuration);
        _claims.Add(new Claim(lease, delivery, message.IsQuarantined));
    }
}
