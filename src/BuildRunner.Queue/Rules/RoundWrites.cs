namespace BuildRunner.Queue.Rules;

/// <summary>Collects the writes of a round to its own topic. Each row is written once.</summary>
internal sealed class RoundWrites(string topic, QueueClock clock)
{
    private readonly HashSet<LockedPartition> _partitions = [];
    private readonly Dictionary<long, MessageRow> _updates = [];

    public QueueChanges Changes { get; } = new();

    public void Write(LockedPartition partition) => _partitions.Add(partition);

    /// <summary>Gets a message as it will be written, or as it was read.</summary>
    public MessageRow Latest(MessageRow read) => _updates.GetValueOrDefault(read.Sequence) ?? read;

    /// <summary>Ends the lease of a message that remains.</summary>
    public void Keep(LockedPartition partition, MessageRow message, bool staysCurrent)
    {
        _updates[message.Sequence] = message;
        (partition.Row.PostponedTo, partition.Row.Postpones) = (null, 0);
        partition.Release(message, staysCurrent);
        Write(partition);
    }

    /// <summary>Ends the lease of a message that stays current without writing its row.</summary>
    public void Postpone(LockedPartition partition, MessageRow message, TimeSpan delay)
    {
        message.VisibleAfter = clock.After(delay);
        partition.Row.PostponedTo = message.VisibleAfter;
        partition.Row.Postpones++;
        partition.Release(message, staysCurrent: true);
        Write(partition);
    }

    /// <summary>Ends the lease of a message that steps aside and is retried.</summary>
    public void BackOff(LockedPartition partition, MessageRow message, TimeSpan delay)
    {
        message.IsBackingOff = true;
        message.WakeAt = null;
        message.VisibleAfter = clock.After(delay);
        Keep(partition, message, staysCurrent: false);
    }

    /// <summary>Ends the lease of a message that is done. If it was published again meanwhile, a new message remains.</summary>
    public void Finish(LockedPartition partition, MessageRow message)
    {
        if (message.WakeAt is not { } wakeAt)
        {
            Changes.Deletes.Add(message.Sequence);
            Release(partition);
            return;
        }

        message.VisibleAfter = wakeAt;
        message.WakeAt = null;
        message.Failures = 0;
        message.Deliveries = 0;
        message.IsQuarantined = false;
        message.IsUnsettled = false;
        message.IsBackingOff = false;
        message.PublishedAt = clock.Floor;
        Keep(partition, message, staysCurrent: false);
    }

    public void Release(LockedPartition partition)
    {
        partition.Release(remaining: null, staysCurrent: false);
        Write(partition);
    }

    public QueueChanges Collect()
    {
        Changes.Updates.AddRange(_updates.Values);
        foreach (var partition in _partitions)
        {
            if (partition.IsEmpty)
            {
                Changes.EmptyPartitions.Add((topic, partition.Row.Key));
            }
            else
            {
                Changes.Partitions.Add((topic, partition.Row));
            }
        }

        return Changes;
    }
}
