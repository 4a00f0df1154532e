namespace BuildRunner.Queue.Rules;

/// <summary>Publishes to the locked partitions of a topic. A duplicate hastens the message that is there and changes nothing else of
/// it.</summary>
internal sealed class TopicPublish(string topic, TopicLocks locks, QueueClock clock, QueueChanges changes)
{
    private readonly Dictionary<string, PartitionRow>? _partitions =
        locks.Partitions.Count == 1 ? null : locks.Partitions.ToDictionary(static row => row.Key, StringComparer.Ordinal);

    // Most messages are new.
    private readonly Dictionary<MessageKey, MessageRow>? _known =
        locks.Messages.Count == 0 ? null : locks.Messages.ToDictionary(static row => row.Key);

    // The places of the inserts, from the second on.
    private Dictionary<MessageKey, int>? _inserts;
    private Message? _first;
    private HashSet<MessageRow>? _hastened;
    private TimeSpan? _wakeAfter;

    public PublishResult Publish(OutgoingMessage outgoing)
    {
        var message = outgoing.Message;
        if (!IsNew(message.PartitionKey, message.Id, outgoing.Delay))
        {
            return PublishResult.Duplicate;
        }

        // Of several messages with one identity, the first gives the content, and the earliest time counts.
        var visibleAfter = clock.After(outgoing.Delay);
        var inserts = changes.Inserts;
        if (_first is not null && !(_inserts ??= new() { [_first.Key] = inserts.Count - 1 }).TryAdd(message.Key, inserts.Count))
        {
            var place = _inserts[message.Key];
            inserts[place] = inserts[place] with { VisibleAfter = Math.Min(inserts[place].VisibleAfter, visibleAfter) };
            return PublishResult.Duplicate;
        }

        _first ??= message;
        inserts.Add(new MessageInsert(topic, message, visibleAfter, clock.Floor));
        return PublishResult.Stored;
    }

    /// <summary>Hastens the message with an identity, or makes its partition ready for a new one, which the caller inserts.</summary>
    public bool IsNew(string partitionKey, string id, TimeSpan delay)
    {
        _wakeAfter = _wakeAfter < delay ? _wakeAfter : delay;
        var partition = _partitions?[partitionKey] ?? locks.Partitions[0];
        if (_known?.GetValueOrDefault(new MessageKey(partitionKey, id)) is { } row)
        {
            // If somebody has deleted the partition by hand, it is new and knows nothing of the message.
            Show(partition, row.VisibleAfter, row.IsQuarantined);
            Hasten(partition, row, clock.After(delay));
            return false;
        }

        Show(partition, clock.After(delay), isQuarantined: false);
        return true;
    }

    public void Complete()
    {
        if (_hastened is not null)
        {
            changes.Updates.AddRange(_hastened);
        }

        for (var i = 0; i < locks.Partitions.Count; i++)
        {
            var row = locks.Partitions[i];
            if (row.IsChanged)
            {
                changes.Partitions.Add((topic, row));
            }
            else if (row.ReadyAt == PartitionRow.NeverReady)
            {
                // Created for a save that saved nothing, or for a dead letter that does not exist.
                changes.EmptyPartitions.Add((topic, row.Key));
            }
        }

        if (_wakeAfter is { } after)
        {
            changes.Wakes.Add(new QueueWake(topic, after));
        }
    }

    private static void Show(PartitionRow partition, long visibleAfter, bool isQuarantined)
    {
        // Nothing is offered before the current message.
        if (partition.CurrentSequence is null && visibleAfter < partition.ReadyAt)
        {
            partition.ReadyAt = visibleAfter;
            partition.IsQuarantined = isQuarantined;
            partition.IsChanged = true;
        }
    }

    /// <summary>If a message becomes due together with a quarantined one, the next claim decides: the older goes first.</summary>
    private static void LookAgain(PartitionRow partition, MessageRow row)
    {
        if (partition.CurrentSequence is null && partition.IsQuarantined && !row.IsQuarantined && row.VisibleAfter == partition.ReadyAt)
        {
            partition.IsQuarantined = false;
            partition.IsChanged = true;
        }
    }

    private void Hasten(PartitionRow partition, MessageRow row, long visibleAfter)
    {
        var isCurrent = partition.CurrentSequence == row.Sequence;
        if (isCurrent && partition.LeaseToken is not null)
        {
            if (visibleAfter < (row.WakeAt ?? long.MaxValue))
            {
                row.WakeAt = visibleAfter;
                (_hastened ??= []).Add(row);
            }
        }
        else if (!row.IsBackingOff && visibleAfter < (isCurrent ? partition.PostponedTo ?? row.VisibleAfter : row.VisibleAfter))
        {
            if (isCurrent)
            {
                partition.PostponedTo = partition.ReadyAt = visibleAfter;
                partition.IsChanged = true;
                return;
            }

            row.VisibleAfter = visibleAfter;
            (_hastened ??= []).Add(row);
            Show(partition, visibleAfter, row.IsQuarantined);
            LookAgain(partition, row);
        }
    }
}
