using System.Text.Json;
using BuildRunner.Queue;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Relational;

/// <summary>Takes the leases of what is ready, once those that have ended are dealt with.</summary>
internal sealed class ClaimStep(QueueSession session, QueueRound round, QueueClock clock, RoundWrites writes)
{
    private readonly List<Claim> _claims = [];
    private bool _hasQuarantined = !round.TakesQuarantined;

    public async Task<IReadOnlyList<Claim>> RunAsync(IEnumerable<PartitionWork> works, CancellationToken cancellationToken)
    {
        // Where the first message was settled in this round, its rank is known; of what was ready before, the row says it.
        var ready = works.Where(IsFree).OrderBy(static work => work.Row.ReadyAt).ThenBy(static work => work.Next?.Sequence).ToList();
        List<PartitionWork> candidates = [.. ready.Where(static work => !work.Row.IsQuarantined).Take(round.Limit)];
        if (round.TakesQuarantined)
        {
            candidates.AddRange(ready.Where(static work => work.Row.IsQuarantined).Take(1));
        }

        if (candidates.Count == 0)
        {
            return [];
        }

        var messages = await ReadAsync(candidates, SequenceOf, cancellationToken).ConfigureAwait(false);
        List<PartitionWork> orphans = [.. candidates.Where(work => SequenceOf(work) is not null && !messages.ContainsKey(work.Row.Key))];
        if (orphans.Count > 0)
        {
            // Somebody has deleted, by hand, what the partition holds; the others of it are still there.
            orphans.ForEach(static work => work.Row.HeldSequence = null);
            foreach (var (key, message) in await ReadAsync(orphans, static _ => null, cancellationToken).ConfigureAwait(false))
            {
                messages.Add(key, message);
            }
        }

        foreach (var work in candidates)
        {
            Claim(work, messages.GetValueOrDefault(work.Row.Key));
        }

        return _claims;
    }

    private bool IsFree(PartitionWork work) => work.Row.LeaseToken is null && !work.IsEmpty && work.Row.ReadyAt <= clock.Floor;

    private static long? SequenceOf(PartitionWork work) => work.Next?.Sequence ?? work.Row.HeldSequence;

    private async Task<Dictionary<string, MessageRow>> ReadAsync(List<PartitionWork> works, Func<PartitionWork, long?> sequenceOf, CancellationToken cancellationToken)
    {
        var read = await session.ReadAsync(
            new MessageQuery
            {
                Topic = round.Topic,
                SequencesWithContent = [.. works.Select(sequenceOf).OfType<long>()],
                FirstsWithContent = [.. works.Where(work => sequenceOf(work) is null).Select(static work => work.Row.Key)],
            },
            cancellationToken).ConfigureAwait(false);
        return read.BySequence.Concat(read.Firsts).ToDictionary(static message => message.PartitionKey, StringComparer.Ordinal);
    }

    private void Claim(PartitionWork work, MessageRow? read)
    {
        writes.Write(work);
        if (read is null)
        {
            work.IsEmpty = true;
            return;
        }

        // What this round has decided of the message is not written yet.
        var message = writes.Latest(read);
        if (work.Row.HeldSequence == message.Sequence)
        {
            work.Row.Complete(message);
        }

        work.Row.ReadyAt = message.VisibleAfter;
        work.Row.IsQuarantined = message.IsQuarantined;
        if (message.VisibleAfter <= clock.Floor && (!message.IsQuarantined || !_hasQuarantined))
        {
            Claim(work, message, read.Content!);
        }
    }

    private void Claim(PartitionWork work, MessageRow message, MessageContent content)
    {
        if (TryReadMessage(message, content) is not { } stored)
        {
            // Nobody could handle it, and it must not keep all others from being claimed.
            message.Failures++;
            writes.Pause(work, message, clock.After(round.Policy.MaxDelay));

            // Others may be behind it, which are not known here: the next claim looks.
            work.Row.ReadyAt = clock.Floor;
            return;
        }

        _hasQuarantined |= message.IsQuarantined;
        Lease lease = new(work.Row.Key, Random.Shared.NextInt64());
        Delivery delivery = new()
        {
            Message = stored,
            Topic = round.Topic,
            Attempt = message.Failures + 1,
            Deliveries = message.Deliveries + 1,
            Redelivered = message.IsUnsettled,
            PublishedAt = DateTimeOffset.FromUnixTimeMilliseconds(message.PublishedAt),

            // Rows of others may have 0 for "at once".
            DueAt = DateTimeOffset.FromUnixTimeMilliseconds(Math.Max(message.VisibleAfter, message.PublishedAt)),
            DeadLetterCause = content.Cause,
        };
        work.Row.HeldSequence = message.Sequence;
        work.Row.LeaseToken = lease.Token;
        work.Row.ReadyAt = clock.After(round.LeaseDuration);
        _claims.Add(new Claim(lease, delivery, message.IsQuarantined));
    }

    /// <returns>The message, or <see langword="null"/> where the row is none that a publish has written.</returns>
    private static Message? TryReadMessage(MessageRow message, MessageContent content)
    {
        try
        {
            return Stored.MessageOf(message, content);
        }
        catch (Exception exception) when (exception is ArgumentException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
