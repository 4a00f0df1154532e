using BuildRunner.Queue;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using MySqlConnector;

namespace BuildRunner.MySql.Sessions;

/// <summary>The statements in a transaction, each method one round trip where not said otherwise.</summary>
/// <param name="connection">The connection.</param>
/// <param name="clock">The expression of the clock.</param>
/// <param name="joined">A caller's transaction, who began it and commits it, or <see langword="null"/> for one that is begun and committed here, with the first statements and the last.</param>
internal sealed class MySqlSession(MySqlConnection connection, string clock, MySqlTransaction? joined) : QueueSession
{
    private bool _hasBegun;
    private bool _isOver;

    public override async Task<RoundLocks> LockForRoundAsync(string topic, IReadOnlyList<string> keys, int limit, int quarantinedLimit, CancellationToken cancellationToken)
    {
        List<PartitionRow> named = [];
        List<PartitionRow> ready = [];
        List<PartitionRow> quarantined = [];
        QueueClock now = default;
        var batch = Begin();
        batch.AddLock(topic, keys, MySqlReads.SkipLocked, named);
        batch.AddLockReady(topic, isQuarantined: false, limit, clock, ready);
        batch.AddLockReady(topic, isQuarantined: true, quarantinedLimit, clock, quarantined);
        batch.AddClock(clock, microseconds => now = new(microseconds));
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        return new() { Named = named, Busy = await PeekAsync(topic, Missing(keys, named), cancellationToken).ConfigureAwait(false), Ready = ready, ReadyQuarantined = quarantined, Clock = now };
    }

    public override async Task<PublishLocks> LockForPublishAsync(StoreWrite? write, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken)
    {
        var written = 0;
        QueueClock now = default;
        var batch = Begin();
        if (write is SqlStatement statement)
        {
            batch.Add(statement).End();
            batch.AddWritten(rows => written = rows);
        }

        var partitions = topics.Select(static _ => new List<PartitionRow>()).ToArray();
        var messages = topics.Select(static _ => new List<MessageRow>()).ToArray();
        for (var i = 0; i < topics.Count; i++)
        {
            batch.AddLockOrCreate(topics[i].Topic, topics[i].PartitionKeys, partitions[i]);
            if (joined is null)
            {
                batch.AddByKey(topics[i].Topic, topics[i].Keys, messages[i]);
            }
        }

        batch.AddClock(clock, microseconds => now = new(microseconds));
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        if (joined is not null)
        {
            await ReadOldAsync(topics, partitions, messages, cancellationToken).ConfigureAwait(false);
        }

        return new(written, [.. partitions.Zip(messages, static (locked, found) => new TopicLocks(locked, found))], now);
    }

    public override async Task<IReadOnlyList<PartitionRow>> LockAsync(string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken)
    {
        List<PartitionRow> locked = [];
        if (creates && waits)
        {
            await CreateAsync(topic, keys, locked, cancellationToken).ConfigureAwait(false);
            return locked;
        }

        var batch = Begin();
        batch.AddLock(topic, keys, waits ? MySqlReads.Wait : MySqlReads.SkipLocked, locked);
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        if (creates)
        {
            // What is there and was left out is locked; what is not there is made.
            var missing = Missing(keys, locked);
            var busy = await PeekAsync(topic, missing, cancellationToken).ConfigureAwait(false);
            await TryCreateAsync(topic, [.. missing.Where(key => !busy.ContainsKey(key))], locked, cancellationToken).ConfigureAwait(false);
        }

        return locked;
    }

    public override async Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken)
    {
        List<MessageRow> bySequence = [];
        List<MessageRow> firsts = [];
        List<MessageRow> byKey = [];
        var batch = Begin();
        batch.AddBySequence(query.Sequences, hasContent: false, bySequence);
        batch.AddBySequence(query.SequencesWithContent, hasContent: true, bySequence);
        batch.AddFirst(query.Topic, query.Firsts, hasContent: false, firsts);
        batch.AddFirst(query.Topic, query.FirstsWithContent.Select(static key => new FirstMessage(key, null)), hasContent: true, firsts);
        batch.AddByKey(query.Topic, query.Keys, byKey);
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        return new() { BySequence = bySequence, Firsts = firsts, ByKey = byKey };
    }

    public override async Task<IReadOnlyList<MessageRow>> ListAsync(string topic, int limit, MessageKey? after, CancellationToken cancellationToken)
    {
        List<MessageRow> rows = [];
        var batch = Begin();
        batch.AddList(topic, limit, after, rows);
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        return rows;
    }

    /// <inheritdoc/>
    /// <remarks>A round trip more for each four megabytes.</remarks>
    public override async Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken)
    {
        NextDue next = default;
        var batch = Begin();
        batch.Add(changes, joined is not null);
        foreach (var part in MySqlWrites.Parts(changes.Inserts))
        {
            batch.AddInsert(part);
        }

        if (topic is not null)
        {
            batch.AddNextDue(topic, due => next = due);
        }

        await RunAsync(batch, isLast, cancellationToken).ConfigureAwait(false);
        Wakes.AddRange(changes.Wakes);
        return next;
    }

    public override async Task<int> ExecuteAsync(StoreWrite write, bool isLast, CancellationToken cancellationToken)
    {
        var written = 0;
        var batch = Begin();
        batch.Add((SqlStatement)write).End();
        batch.AddWritten(rows => written = rows);
        await RunAsync(batch, isLast, cancellationToken).ConfigureAwait(false);
        return written;
    }

    /// <summary>Commits what has not been committed with the last statements.</summary>
    public Task CommitAsync(CancellationToken cancellationToken) => EndAsync("COMMIT", cancellationToken);

    /// <summary>Gives up what has not been committed.</summary>
    public Task RollbackAsync() => EndAsync("ROLLBACK", CancellationToken.None);

    private static string[] Missing(IReadOnlyList<string> keys, List<PartitionRow> rows)
    {
        var there = rows.Select(static row => row.Key).ToHashSet(StringComparer.Ordinal);
        return [.. keys.Where(key => !there.Contains(key))];
    }

    private MySqlBatchText Begin()
    {
        MySqlBatchText batch = new();
        if (joined is null && !_hasBegun)
        {
            batch.AddBegin();
        }

        return batch;
    }

    private async Task RunAsync(MySqlBatchText batch, bool isLast, CancellationToken cancellationToken)
    {
        var commits = isLast && joined is null;
        if (commits)
        {
            batch.Add("COMMIT").End();
        }

        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        _isOver |= commits;
    }

    private async Task RunAsync(MySqlBatchText batch, CancellationToken cancellationToken)
    {
        if (!batch.IsEmpty)
        {
            _hasBegun = true;
            await batch.RunAsync(connection, joined, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads for a caller. In REPEATABLE READ, what is looked for and not found locks the place where it would be, and with it other partitions; what was made just now is empty.</summary>
    private async Task ReadOldAsync(IReadOnlyList<TopicKeys> topics, List<PartitionRow>[] partitions, List<MessageRow>[] messages, CancellationToken cancellationToken)
    {
        MySqlBatchText batch = new();
        for (var i = 0; i < topics.Count; i++)
        {
            var old = partitions[i].Where(static row => row.ReadyAt != PartitionRow.NeverReady).Select(static row => row.Key).ToHashSet(StringComparer.Ordinal);
            batch.AddByKey(topics[i].Topic, topics[i].Keys.Where(key => old.Contains(key.PartitionKey)), messages[i]);
        }

        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    private async Task EndAsync(string statement, CancellationToken cancellationToken)
    {
        if (_hasBegun && !_isOver)
        {
            MySqlBatchText batch = new();
            batch.Add(statement).End();
            await batch.RunAsync(connection, joined, cancellationToken).ConfigureAwait(false);
            _isOver = true;
        }
    }

    private async Task CreateAsync(string topic, IReadOnlyList<string> keys, List<PartitionRow> locked, CancellationToken cancellationToken)
    {
        if (keys.Count > 0)
        {
            var batch = Begin();
            batch.AddLockOrCreate(topic, keys, locked);
            await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes partitions, or none where another transaction that is not over makes one of them.</summary>
    private async Task TryCreateAsync(string topic, IReadOnlyList<string> keys, List<PartitionRow> locked, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
        {
            return;
        }

        List<PartitionRow> made = [];
        var waitsAgain = false;
        var batch = Begin();
        batch.Add(MySqlReads.DoNotWait).End();
        batch.AddLockOrCreate(topic, keys, made);
        batch.Add(MySqlReads.WaitAgain).End();
        try
        {
            await RunAsync(batch, cancellationToken).ConfigureAwait(false);
            waitsAgain = true;
            locked.AddRange(made);
        }
        catch (MySqlException exception) when (exception.ErrorCode == MySqlErrorCode.LockWaitTimeout)
        {
            // The statement alone is undone, not the transaction.
        }
        finally
        {
            if (!waitsAgain)
            {
                await WaitAgainAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task WaitAgainAsync()
    {
        MySqlBatchText batch = new();
        batch.Add(MySqlReads.WaitAgain).End();
        try
        {
            await RunAsync(batch, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whoever got the connection next would wait for no lock. This one as well is not taken back then.
            await MySqlConnection.ClearPoolAsync(connection, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<Dictionary<string, long?>> PeekAsync(string topic, string[] keys, CancellationToken cancellationToken)
    {
        Dictionary<string, long?> leases = new(StringComparer.Ordinal);
        MySqlBatchText batch = new();
        batch.AddPeek(topic, keys, leases);
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        return leases;
    }
}
