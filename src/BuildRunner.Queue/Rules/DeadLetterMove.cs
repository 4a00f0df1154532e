using BuildRunner.Queue.Sessions;

namespace BuildRunner.Queue.Rules;

/// <summary>Moves messages to the dead letters of their topic, where each replaces the one of its identity.</summary>
internal sealed class DeadLetterMove(QueueSession session, string topic, QueueChanges changes)
{
    private readonly string _deadLetters = Topic.DeadLettersOf(topic);
    private readonly Dictionary<string, LockedPartition> _partitions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MessageRow> _replaced = new(StringComparer.Ordinal);

    /// <summary>Gets the messages whose earlier dead letter was replaced.</summary>
    public List<MessageKey> Replaced { get; } = [];

    /// <summary>Locks the partitions that messages go to, without waiting. There is one message of each.</summary>
    public async Task LockAsync(IReadOnlyList<MessageRow> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
        {
            return;
        }

        string[] keys = [.. messages.Select(static message => message.PartitionKey)];
        var rows = await session.LockAsync(_deadLetters, keys, creates: true, waits: false, cancellationToken).ConfigureAwait(false);
        foreach (var row in rows)
        {
            _partitions[row.Key] = new LockedPartition(row);
        }

        MessageKey[] identities = [.. messages.Where(message => CanMove(message.PartitionKey)).Select(static message => message.Key)];
        var known = await session.ReadAsync(new MessageQuery { Topic = _deadLetters, Keys = identities }, cancellationToken)
            .ConfigureAwait(false);
        foreach (var message in known.ByKey)
        {
            _replaced[message.PartitionKey] = message;
        }

        // A partition that was created just now has no other message.
        List<FirstMessage> firsts = [.. rows.Where(static row => row.ReadyAt != PartitionRow.NeverReady)
            .Select(row => new FirstMessage(row.Key, _replaced.GetValueOrDefault(row.Key)?.Sequence))];
        if (firsts.Count > 0)
        {
            var others = await session.ReadAsync(new MessageQuery { Topic = _deadLetters, Firsts = firsts }, cancellationToken)
                .ConfigureAwait(false);
            foreach (var other in others.Firsts)
            {
                _partitions[other.PartitionKey].Other = other;
            }
        }
    }

    /// <summary>Gets a value indicating whether the partition of the dead letters is locked.</summary>
    public bool CanMove(string partitionKey) => _partitions.ContainsKey(partitionKey);

    /// <summary>Copies a message to the dead letters. What becomes of the message itself is for the caller.</summary>
    public void Move(MessageRow message, Failure failure, QueueClock clock)
    {
        var partition = _partitions[message.PartitionKey];
        var row = partition.Row;
        if (_replaced.TryGetValue(row.Key, out var replaced))
        {
            changes.Replaced.Add(replaced.Sequence);
            Replaced.Add(message.Key);
            if (row.CurrentSequence == replaced.Sequence)
            {
                row.CurrentSequence = null;
                row.LeaseToken = null;
            }
        }

        DeadLetterCause cause = new(failure, message.Failures + 1, topic);
        changes.Copies.Add(new MessageCopy(message.Sequence, _deadLetters, clock.Floor, message.PublishedAt, cause));
        changes.Wakes.Add(new QueueWake(_deadLetters, TimeSpan.Zero));
        if (row.CurrentSequence is null)
        {
            // The dead letter is younger than the others, so one that is due at the same time goes first.
            var isFirst = partition.Other is not { } other || other.VisibleAfter > clock.Floor;
            row.ReadyAt = isFirst ? clock.Floor : partition.Other!.VisibleAfter;
            row.IsQuarantined = !isFirst && partition.Other!.IsQuarantined;
        }

        changes.Partitions.Add((_deadLetters, row));
    }
}
