namespace BuildRunner.Queue.Rules;

/// <summary>Moves messages to the dead-letter topic, where each replaces the one with its identity.</summary>
internal sealed class DeadLetterMove(QueueSession session, string topic, QueueChanges changes)
{
    private readonly string _deadLetters = Topic.DeadLettersOf(topic);
    private readonly Dictionary<string, LockedPartition> _partitions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MessageRow> _replaced = new(StringComparer.Ordinal);

    public List<MessageKey> Replaced { get; } = [];

    /// <summary>Locks the target partitions without waiting. Each gets one message.</summary>
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

        // A partition created in this transaction has no other message.
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

    public bool CanMove(string partitionKey) => _partitions.ContainsKey(partitionKey);

    /// <summary>Copies a message to the dead letters. The caller decides about the original.</summary>
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

        DeadLetterCause cause = new() { Failure = failure, Attempts = message.Failures + 1, Topic = topic };
        changes.Copies.Add(new MessageCopy(message.Sequence, _deadLetters, clock.Floor, message.PublishedAt, cause));
        changes.Wakes.Add(new QueueWake(_deadLetters, TimeSpan.Zero));
        if (row.CurrentSequence is null)
        {
            // The dead letter is the newest, so another one due at the same time goes first.
            var isFirst = partition.Other is not { } other || other.VisibleAfter > clock.Floor;
            row.ReadyAt = isFirst ? clock.Floor : partition.Other!.VisibleAfter;
            row.IsQuarantined = !isFirst && partition.Other!.IsQuarantined;
        }

        changes.Partitions.Add((_deadLetters, row));
    }
}
