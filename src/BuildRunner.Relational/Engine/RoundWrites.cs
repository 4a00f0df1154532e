namespace BuildRunner.Relational;

/// <summary>What a round is to write of its own topic. Each row is written once.</summary>
internal sealed class RoundWrites(string topic)
{
    private readonly HashSet<PartitionWork> _partitions = [];
    private readonly Dictionary<long, MessageRow> _updates = [];

    public QueueChanges Changes { get; } = new();

    public void Write(PartitionWork work) => _partitions.Add(work);

    /// <summary>Gets a message as it is to be written, or else as it was read.</summary>
    public MessageRow Latest(MessageRow read) => _updates.GetValueOrDefault(read.Sequence) ?? read;

    /// <summary>Ends the lease of a message that stays.</summary>
    public void Keep(PartitionWork work, MessageRow message, bool holds)
    {
        _updates[message.Sequence] = message;
        (work.Row.PostponedTo, work.Row.Postpones) = (null, 0);
        work.Release(message, holds);
        Write(work);
    }

    /// <summary>Ends the lease of a message that stays, is held, and whose row need not be written.</summary>
    public void Postpone(PartitionWork work, MessageRow message, long visibleAfter)
    {
        message.VisibleAfter = visibleAfter;
        work.Row.PostponedTo = visibleAfter;
        work.Row.Postpones++;
        work.Release(message, holds: true);
        Write(work);
    }

    /// <summary>Ends the lease of a message that stays, steps aside and is tried again.</summary>
    public void Pause(PartitionWork work, MessageRow message, long visibleAfter)
    {
        message.IsBackingOff = true;
        message.WakeAt = null;
        message.VisibleAfter = visibleAfter;
        Keep(work, message, holds: false);
    }

    /// <summary>Ends the lease of a message that goes.</summary>
    public void Remove(PartitionWork work, MessageRow message)
    {
        Changes.Deletes.Add(message.Sequence);
        Release(work);
    }

    /// <summary>Ends the lease of a message that is gone.</summary>
    public void Release(PartitionWork work)
    {
        work.Release(stays: null, holds: false);
        Write(work);
    }

    /// <summary>Gets all there is to write.</summary>
    public QueueChanges Collect()
    {
        Changes.Updates.AddRange(_updates.Values);
        foreach (var work in _partitions)
        {
            if (work.IsEmpty)
            {
                Changes.EmptyPartitions.Add((topic, work.Row.Key));
            }
            else
            {
                Changes.Partitions.Add((topic, work.Row));
            }
        }

        return Changes;
    }
}
