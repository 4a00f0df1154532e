namespace BuildRunner.Queue.InMemory;

/// <summary>The partitions of one topic that have messages, by when they have something to offer.</summary>
internal sealed class TopicPartitions(string topic)
{
    private readonly Dictionary<string, Partition> _byKey = new(StringComparer.Ordinal);
    private readonly SortedSet<Partition> _ordinary = new(ByTurn);
    private readonly SortedSet<Partition> _quarantined = new(ByTurn);
    private long _turn;

    public string Topic { get; } = topic;

    public bool IsEmpty => _byKey.Count == 0;

    public IEnumerable<Partition> All => _byKey.Values;

    /// <summary>Gets when the first partition is ready.</summary>
    public long? NextOrdinary => _ordinary.Min?.ReadyAt;

    /// <summary>Gets when the first partition is ready whose next message is quarantined.</summary>
    public long? NextQuarantined => _quarantined.Min?.ReadyAt;

    private static Comparer<Partition> ByTurn { get; } = Comparer<Partition>.Create(static (a, b) =>
        a.ReadyAt != b.ReadyAt ? a.ReadyAt.CompareTo(b.ReadyAt) : a.Turn.CompareTo(b.Turn));

    public Partition? Find(string key) => _byKey.GetValueOrDefault(key);

    public Partition? FirstReady(long now) => _ordinary.Min is { } first && first.ReadyAt <= now ? first : null;

    public IReadOnlyList<Partition> ReadyQuarantined(long now) => [.. _quarantined.TakeWhile(partition => partition.ReadyAt <= now)];

    /// <summary>Changes a partition, which is made where there is none and is gone when it is empty.</summary>
    public void Change(string key, Action<Partition> change)
    {
        if (_byKey.TryGetValue(key, out var partition))
        {
            OrderOf(partition).Remove(partition);
        }
        else
        {
            partition = new Partition(key);
            _byKey.Add(key, partition);
        }

        change(partition);
        if (partition.IsEmpty)
        {
            _byKey.Remove(key);
            return;
        }

        partition.Turn = ++_turn;
        partition.IsQuarantined = partition.Next.IsQuarantined;
        OrderOf(partition).Add(partition);
    }

    private SortedSet<Partition> OrderOf(Partition partition) => partition.IsQuarantined ? _quarantined : _ordinary;
}
