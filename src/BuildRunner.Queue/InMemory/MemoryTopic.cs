namespace BuildRunner.Queue.InMemory;

/// <summary>Stores the messages of a topic and its partitions that have some, ordered by ready time.</summary>
internal sealed class MemoryTopic
{
    private static readonly ByTurn Order = new();

    private readonly Dictionary<string, MemoryPartition> _byKey = new(StringComparer.Ordinal);
    private readonly SortedSet<MemoryPartition> _ordinary = new(Order);
    private readonly SortedSet<MemoryPartition> _quarantined = new(Order);
    private long _turn;

    public int Count => _byKey.Count;

    public IEnumerable<MessageRow> Messages => _byKey.Values.SelectMany(static partition => partition.Messages);

    public NextDue NextDue => new(_ordinary.Min?.Row.ReadyAt, _quarantined.Min?.Row.ReadyAt);

    public MemoryPartition? Find(string key) => _byKey.GetValueOrDefault(key);

    public MessageRow? Find(MessageKey key) => Find(key.PartitionKey)?.Find(key.Id);

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

    private sealed class ByTurn : IComparer<MemoryPartition>
    {
        public int Compare(MemoryPartition? x, MemoryPartition? y) => x!.Row.ReadyAt != y!.Row.ReadyAt
            ? x.Row.ReadyAt.CompareTo(y.Row.ReadyAt)
            : x.Turn.CompareTo(y.Turn);
    }
}
