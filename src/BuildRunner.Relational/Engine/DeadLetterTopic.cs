using BuildRunner.Queue;

namespace BuildRunner.Relational;

/// <summary>Moves messages to the dead-letter topic of theirs, where they replace those of the same identity.</summary>
internal sealed class DeadLetterTopic(QueueSession session, string topic, QueueChanges changes)
{
    private readonly string _letters = Topic.DeadLettersOf(topic);
    private readonly Dictionary<string, PartitionWork> _works = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MessageRow> _replaced = new(StringComparer.Ordinal);

    /// <summary>Gets the messages whose earlier dead letter was replaced.</summary>
    public List<MessageKey> Replaced { get; } = [];

    /// <summary>Locks the partitions of the letters, without waiting.</summary>
    public async Task LockAsync(IReadOnlyList<MessageRow> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
        {
            return;
        }

        var rows = await session.LockAsync(_letters, [.. messages.Select(static message => message.PartitionKey)], creates: true, waits: false, cancellationToken).ConfigureAwait(false);
        foreach (var row in rows)
        {
            _works[row.Key] = new PartitionWork(row);
        }

        var locked = messages.Where(message => CanTake(message.PartitionKey)).ToList();
        var known = await session.ReadAsync(new MessageQuery { Topic = _letters, Keys = [.. locked.Select(static message => new MessageKey { PartitionKey = message.PartitionKey, Id = message.Id })] }, cancellationToken).ConfigureAwait(false);
        foreach (var message in known.ByKey)
        {
            _replaced[message.PartitionKey] = message;
        }

        // A partition that was made just now has no other message.
        var firsts = rows.Where(static row => row.ReadyAt != PartitionRow.NeverReady)
            .Select(row => new FirstMessage(row.Key, _replaced.GetValueOrDefault(row.Key)?.Sequence)).ToList();
        if (firsts.Count > 0)
        {
            var others = await session.ReadAsync(new MessageQuery { Topic = _letters, Firsts = firsts }, cancellationToken).ConfigureAwait(false);
            foreach (var other in others.Firsts)
            {
                _works[other.PartitionKey].Other = other;
            }
        }
    }

    public bool CanTake(string partitionKey) => _works.ContainsKey(partitionKey);

    public void Take(Burial burial, QueueClock clock)
    {
        var message = burial.Message;
        var work = _works[message.PartitionKey];
        var row = work.Row;
        if (_replaced.TryGetValue(row.Key, out var replaced))
        {
            changes.Replaced.Add(replaced.Sequence);
            Replaced.Add(new MessageKey { PartitionKey = message.PartitionKey, Id = message.Id });
            if (row.HeldSequence == replaced.Sequence)
            {
                row.HeldSequence = null;
                row.LeaseToken = null;
            }
        }

        changes.Copies.Add(new MessageCopy(message.Sequence, _letters, clock.Floor, message.PublishedAt, new DeadLetterCause(burial.Failure, message.Failures + 1, topic)));
        changes.Wakes.Add(new QueueWake(_letters, TimeSpan.Zero));
        if (row.HeldSequence is null)
        {
            // The letter is younger than the others, so one that is due at the same time goes first.
            var isFirst = work.Other is not { } other || other.VisibleAfter > clock.Floor;
            row.ReadyAt = isFirst ? clock.Floor : work.Other!.VisibleAfter;
            row.IsQuarantined = !isFirst && work.Other!.IsQuarantined;
        }

        changes.Partitions.Add((_letters, row));
    }
}
