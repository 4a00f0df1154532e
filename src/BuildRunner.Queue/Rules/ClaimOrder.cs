using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Sessions;

namespace BuildRunner.Queue.Rules;

/// <summary>Decides which locked partitions are claimed: those that were ready first, and at most one quarantined message.</summary>
internal sealed class ClaimOrder(QueueSession session, QueueRound round, QueueClock clock, RoundWrites writes)
{
    private readonly List<Claim> _claims = [];
    private bool _hasQuarantined = !round.TakesQuarantined;

    public async Task<IReadOnlyList<Claim>> ClaimAsync(IEnumerable<LockedPartition> partitions, CancellationToken cancellationToken)
    {
        // A message settled in this round has a known rank; the row has the rank of what was ready before.
        var ready = partitions.Where(IsFree)
            .OrderBy(static partition => partition.Row.ReadyAt)
            .ThenBy(static partition => partition.Next?.Sequence).ToList();
        List<LockedPartition> candidates = [.. ready.Where(static partition => !partition.Row.IsQuarantined).Take(round.Limit)];
        if (round.TakesQuarantined)
        {
            candidates.AddRange(ready.Where(static partition => partition.Row.IsQuarantined).Take(1));
        }

        if (candidates.Count == 0)
        {
            return [];
        }

        var messages = await ReadAsync(candidates, SequenceOf, cancellationToken).ConfigureAwait(false);
        var orphans = candidates.Where(partition => SequenceOf(partition) is not null && !messages.ContainsKey(partition.Row.Key)).ToList();
        if (orphans.Count > 0)
        {
            // The current message was deleted by hand; the rest of the partition is still there.
            orphans.ForEach(static partition => partition.Row.CurrentSequence = null);
            foreach (var (key, message) in await ReadAsync(orphans, static _ => null, cancellationToken).ConfigureAwait(false))
            {
                messages.Add(key, message);
            }
        }

        foreach (var partition in candidates)
        {
            Claim(partition, messages.GetValueOrDefault(partition.Row.Key));
        }

        return _claims;
    }

    private bool IsFree(LockedPartition partition) =>
        partition.Row.LeaseToken is null && !partition.IsEmpty && partition.Row.ReadyAt <= clock.Floor;

    private static long? SequenceOf(LockedPartition partition) => partition.Next?.Sequence ?? partition.Row.CurrentSequence;

    private async Task<Dictionary<string, MessageRow>> ReadAsync(
        List<LockedPartition> partitions, Func<LockedPartition, long?> sequenceOf, CancellationToken cancellationToken)
    {
        MessageQuery query = new()
        {
            Topic = round.Topic,
            SequencesWithContent = [.. partitions.Select(sequenceOf).OfType<long>()],
            FirstsWithContent =
                [.. partitions.Where(partition => sequenceOf(partition) is null).Select(static partition => partition.Row.Key)],
        };
        var read = await session.ReadAsync(query, cancellationToken).ConfigureAwait(false);
        return read.BySequence.Concat(read.Firsts).ToDictionary(static message => message.PartitionKey, StringComparer.Ordinal);
    }

    private void Claim(LockedPartition partition, MessageRow? read)
    {
        writes.Write(partition);
        if (read is null)
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
