namespace BuildRunner.Queue.InMemory;

/// <summary>Stores the partitions of a topic that have messages, ordered by ready time.</summary>
internal sealed class MemoryTopic
{
    private static readonly Comparer<MemoryPartition> ByTurn = Comparer<MemoryPartition>.Create(static (a, b) =>
        a.Row.ReadyAt != b.Row.ReadyAt ? a.Row.ReadyAt.CompareTo(b.Row.ReadyAt) : a.Turn.CompareTo(b.Turn));

    private readonly Dictionary<string, MemoryPartition> _byKey = new(StringComparer.Ordinal);
    private readonly SortedSet<MemoryPartition> _ordinary = new(ByTurn);
    private readonly SortedSet<MemoryPartition> _quarantined = new(ByTurn);
    private long _turn;

    public int Count => _byKey.Count;

    public IEnumerable<MessageRow> Messages => _byKey.Values.SelectMany(static partition => partition.Messages);

    public NextDue NextDue => new(_ordinary.Min?.Row.ReadyAt, _quarantined.Min?.Row.ReadyAt);

    public MemoryPartition? Find(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>Gets copies of the ready rows, the first ready first.</summary>
    public IReadOnlyList<PartitionRow> Ready(bool isQuarantined, long now, int limit)
    {
        var partitions = isQuarantined ? _quarantined : _ordinary;
        return limit == 0 || !(partitions.Min?.Row.ReadyAt <= now)
            ? []
            : [.. partitions.TakeWhile(partition => partition.Row.ReadyAt <= now).Take(limit)
                .Select(static partition => partition.Row.Copy())];
    }

    public void Write(PartitionRow row)
    {
        if (_byKey.TryGetValue(row.Key, out var partition))
        {
            OrderOf(partition).Remove(partition);
            partition.Row = row;
        }
        else
        {
            partition = new MemoryPartition(row);
            _byKey.Add(row.Key, partition);
        }

        partition.Turn = ++_turn;
        OrderOf(partition).Add(partition);
    }

    public void Remove(string key)
    {
        if (_byKey.Remove(key, out var partition))
        {
            OrderOf(partition).Remove(partition);
        }
    }

    private SortedSet<MemoryPartition> OrderOf(MemoryPartition partition) => partition.Row.IsQuarantined ? _quarantined : _ordinary;
}

/// <summary>Stores a partition and its messages, ordered by due time.</summary>
internal sealed class MemoryPartition(PartitionRow row)
{
    private static readonly Comparer<MessageRow> ByDueTime = Comparer<MessageRow>.Create(static (a, b) =>
        a.VisibleAfter != b.VisibleAfter ? a.VisibleAfter.CompareTo(b.VisibleAfter) : a.Sequence.CompareTo(b.Sequence));

    private readonly Dictionary<string, MessageRow> _byId = new(StringComparer.Ordinal);
    private readonly SortedSet<MessageRow> _byDueTime = new(ByDueTime);

    /// <summary>Gets or sets the row. Set by the topic, which is sorted by it.</summary>
    public PartitionRow Row { get; set; } = row;

    /// <summary>Gets or sets the order among partitions that are ready at the same time. Set by the topic, which is sorted by it.</summary>
    public long Turn { get; set; }

    public IEnumerable<MessageRow> Messages => _byId.Values;

    public MessageRow? Find(string id) => _byId.GetValueOrDefault(id);

    public MessageRow? First(long? without) =>
        _byDueTime.Min is not { } first || first.Sequence != without ? _byDueTime.Min : _byDueTime.Skip(1).FirstOrDefault();

    public void Add(MessageRow row)
    {
        _byId.Add(row.Id, row);
        _byDueTime.Add(row);
    }

    public void Replace(MessageRow old, MessageRow row)
    {
        _byDueTime.Remove(old);
        _byDueTime.Add(row);
        _byId[row.Id] = row;
    }

    public void Remove(MessageRow row)
    {
        _byId.Remove(row.Id);
        _byDueTime.Remove(row);
    }
}
