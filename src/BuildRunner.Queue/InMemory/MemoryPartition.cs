namespace BuildRunner.Queue.InMemory;

/// <summary>Stores a partition and its messages, ordered by due time. Most have one.</summary>
internal sealed class MemoryPartition(PartitionRow row)
{
    private static readonly Comparer<MemoryMessage> Due = Comparer<MemoryMessage>.Create(static (a, b) =>
        a.VisibleAfter != b.VisibleAfter ? a.VisibleAfter.CompareTo(b.VisibleAfter) : a.Sequence.CompareTo(b.Sequence));

    private MemoryMessage? _only;

    // Used from the second message on.
    private SortedSet<MemoryMessage>? _byDueTime;
    private Dictionary<string, MemoryMessage>? _byId;

    /// <summary>Gets or sets the row. Set by the topic, which is sorted by it.</summary>
    public PartitionRow Row { get; set; } = row;

    /// <summary>Gets or sets the order among partitions that are ready at the same time. Set by the topic, which is sorted by it.</summary>
    public long Turn { get; set; }

    public IEnumerable<MemoryMessage> Messages => _byDueTime ?? (_only is null ? [] : (IEnumerable<MemoryMessage>)[_only]);

    public MemoryMessage? Find(string id) => _byId is not null ? _byId.GetValueOrDefault(id) : _only?.Id == id ? _only : null;

    public MemoryMessage? First(long? without)
    {
        var first = _byDueTime is null ? _only : _byDueTime.Min;
        return first?.Sequence == without ? _byDueTime?.Skip(1).FirstOrDefault() : first;
    }

    public void Add(MemoryMessage message)
    {
        if (_byDueTime is null && _only is null)
        {
            _only = message;
            return;
        }

        if (_byDueTime is null)
        {
            (_byDueTime, _byId) = (new(Due) { _only! }, new(StringComparer.Ordinal) { [_only!.Id] = _only });
            _only = null;
        }

        _byDueTime.Add(message);
        _byId!.Add(message.Id, message);
    }

    public void Remove(MemoryMessage message)
    {
        _only = null;
        _byDueTime?.Remove(message);
        _byId?.Remove(message.Id);
    }
}

/// <summary>Represents a message that knows its partition. So do its copies.</summary>
internal sealed class MemoryMessage(long sequence, MemoryPartition partition, string id) : MessageRow(sequence, partition.Row.Key, id)
{
    public MemoryPartition Partition { get; } = partition;
}
