using System.Collections.ObjectModel;

namespace BuildRunner.Queue.InMemory;

/// <summary>Reads copies of rows and writes to the store, under the lock of the database, from the first call to the last. All methods
/// complete synchronously.</summary>
internal sealed class MemorySession(MemoryStore store, Lock gate, TimeProvider timeProvider) : QueueSession
{
    private static readonly Task<NextDue> Unasked = Task.FromResult(default(NextDue));

    private bool _isOver;

    // The store counts milliseconds, rounded up so that nothing is early.
    private QueueClock Clock
    {
        get
        {
            var time = timeProvider.GetUtcNow();
            return new((time.ToUnixTimeMilliseconds() * 1000) + (time.UtcTicks % TimeSpan.TicksPerMillisecond == 0 ? 0 : 999));
        }
    }

    public override Task<RoundLocks> LockForRoundAsync(
        string topic, IReadOnlyList<string> keys, int limit, int quarantinedLimit, CancellationToken cancellationToken)
    {
        var partitions = Enter().Find(topic);
        var clock = Clock;
        return Task.FromResult(new RoundLocks
        {
            Named = Partitions(partitions, keys, creates: false),
            Busy = ReadOnlyDictionary<string, long?>.Empty,
            Ready = partitions?.Ready(isQuarantined: false, clock.Floor, limit) ?? [],
            ReadyQuarantined = partitions?.Ready(isQuarantined: true, clock.Floor, quarantinedLimit) ?? [],
            Clock = clock,
        });
    }

    public override Task<PublishLocks> LockForPublishAsync(
        IReadOnlyList<StoreWrite> writes, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken)
    {
        Enter();
        var written = writes.Count == 0 ? [] : new int[writes.Count];
        for (var i = 0; i < written.Length; i++)
        {
            written[i] = Execute(writes[i]);
        }

        var locks = new TopicLocks[topics.Count];
        for (var i = 0; i < locks.Length; i++)
        {
            var partitions = store.Find(topics[i].Topic);
            locks[i] = new(Partitions(partitions, topics[i].PartitionKeys, creates: true), ByKey(partitions, topics[i].Keys));
        }

        return Task.FromResult(new PublishLocks(written, locks, Clock));
    }

    public override Task<IReadOnlyList<PartitionRow>> LockAsync(
        string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<PartitionRow>>(Partitions(Enter().Find(topic), keys, creates));

    public override Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken)
    {
        var partitions = Enter().Find(query.Topic);
        List<MessageRow> bySequence = new(query.Sequences.Count + query.SequencesWithContent.Count);
        Add(bySequence, query.Sequences);
        Add(bySequence, query.SequencesWithContent);
        List<MessageRow> firsts = new(query.Firsts.Count + query.FirstsWithContent.Count);
        foreach (var (key, without) in query.Firsts)
        {
            Add(firsts, partitions?.Find(key)?.First(without));
        }

        foreach (var key in query.FirstsWithContent)
        {
            Add(firsts, partitions?.Find(key)?.First(without: null));
        }

        return Task.FromResult(new MessageResult { BySequence = bySequence, Firsts = firsts, ByKey = ByKey(partitions, query.Keys) });
    }

    public override Task<IReadOnlyList<MessageRow>> ListAsync(
        string topic, int limit, MessageKey? after, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<MessageRow>>([.. (Enter().Find(topic)?.Messages ?? [])
            .OrderBy(static row => row.PartitionKey, StringComparer.Ordinal)
            .ThenBy(static row => row.Id, StringComparer.Ordinal)
            .SkipWhile(row => after is not null && Compare(row, after) <= 0)
            .Take(limit)
            .Select(static row => row.Copy())]);

    public override Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken)
    {
        Enter().Write(changes);
        Wakes.AddRange(changes.Wakes);
        var next = topic is null ? Unasked : Task.FromResult(store.Find(topic)?.NextDue ?? default);
        if (isLast)
        {
            Unlock();
        }

        return next;
    }

    public override Task<int> ExecuteAsync(StoreWrite write, bool isLast, CancellationToken cancellationToken)
    {
        Enter();
        return Task.FromResult(Execute(write));
    }

    public void Unlock()
    {
        _isOver = true;
        if (gate.IsHeldByCurrentThread)
        {
            gate.Exit();
        }
    }

    private static int Execute(StoreWrite write) => ((MemoryWrite)write).Change() ? 1 : 0;

    private static int Compare(MessageRow row, MessageKey key) =>
        string.CompareOrdinal(row.PartitionKey, key.PartitionKey) is var byPartition and not 0
            ? byPartition
            : string.CompareOrdinal(row.Id, key.Id);

    private void Add(List<MessageRow> rows, IReadOnlyList<long> sequences)
    {
        for (var i = 0; i < sequences.Count; i++)
        {
            Add(rows, store.Find(sequences[i]));
        }
    }

    private static void Add(List<MessageRow> rows, MessageRow? row)
    {
        if (row is not null)
        {
            rows.Add(row.Copy());
        }
    }

    private static List<PartitionRow> Partitions(MemoryTopic? partitions, IReadOnlyList<string> keys, bool creates)
    {
        List<PartitionRow> rows = new(keys.Count);
        for (var i = 0; i < keys.Count; i++)
        {
            // A new one is stored when it is written; locking does not need it.
            if ((partitions?.Find(keys[i])?.Row.Copy() ?? (creates ? new PartitionRow(keys[i]) : null)) is { } row)
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    private static MessageRow[] ByKey(MemoryTopic? topic, IReadOnlyList<MessageKey> keys)
    {
        // Most messages are new.
        List<MessageRow>? rows = null;
        for (var i = 0; i < keys.Count; i++)
        {
            if (topic?.Find(keys[i]) is { } row)
            {
                (rows ??= []).Add(row.Copy());
            }
        }

        return rows?.ToArray() ?? [];
    }

    // What is decided before the first call and after the last one needs no lock.
    private MemoryStore Enter()
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        if (!gate.IsHeldByCurrentThread)
        {
            gate.Enter();
        }

        return store;
    }
}

/// <summary>Represents another change in this process, which returns whether it changed anything.</summary>
internal sealed class MemoryWrite(Func<bool> change) : StoreWrite
{
    public Func<bool> Change { get; } = change;
}
