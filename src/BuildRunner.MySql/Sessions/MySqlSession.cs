using BuildRunner.Queue;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using MySqlConnector;

namespace BuildRunner.MySql.Sessions;

/// <summary>Runs statements in a transaction. Each method is one round trip unless it says otherwise.</summary>
/// <param name="connection">The connection.</param>
/// <param name="clock">The expression of the clock.</param>
/// <param name="bounds">The times from which to look for ready partitions.</param>
/// <param name="joined">The caller's transaction, or <see langword="null"/> for one that the first statements begin and the last
/// commit.</param>
internal sealed class MySqlSession(MySqlConnection connection, string clock, ReadyBounds bounds, MySqlTransaction? joined) : QueueSession
{
    private ReadyLook? _look;
    private long _nextFrom = long.MinValue;
    private QueueClock _clock;
    private bool _hasBegun;
    private bool _isOver;

    public override async Task<RoundLocks> LockForRoundAsync(
        string topic, IReadOnlyList<string> keys, int limit, int quarantinedLimit, CancellationToken cancellationToken)
    {
        List<PartitionRow> named = [];
        List<PartitionRow> ready = [];
        List<PartitionRow> quarantined = [];
        var look = bounds.Begin(topic, limit > 0);
        var batch = Begin();
        batch.AddLock(topic, keys, MySqlReads.SkipLocked, named);
        batch.AddLockReady(topic, isQuarantined: false, look.From, limit, clock, ready);
        batch.AddLockReady(topic, isQuarantined: true, long.MinValue, quarantinedLimit, clock, quarantined);
        batch.AddClock(clock, microseconds => _clock = new(microseconds));
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        _look = bounds.End(look);
        _nextFrom = _look.NextFrom(_clock, ready);
        var busy = await PeekAsync(topic, Missing(keys, named), cancellationToken).ConfigureAwait(false);
        return new() { Named = named, Busy = busy, Ready = ready, ReadyQuarantined = quarantined, Clock = _clock };
    }

    public override async Task<PublishLocks> LockForPublishAsync(
        IReadOnlyList<StoreWrite> writes, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken)
    {
        List<int> written = [];
        QueueClock now = default;
        var batch = Begin();
        foreach (var statement in writes.Cast<SqlStatement>())
        {
            batch.Add(statement).End();
            batch.AddWritten(written.Add);
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

    public override async Task<IReadOnlyList<PartitionRow>> LockAsync(
        string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken)
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
            // What exists and was left out is locked; the rest is created.
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

    public override async Task<IReadOnlyList<MessageRow>> ListAsync(
        string topic, int limit, MessageKey? after, CancellationToken cancellationToken)
    {
        List<MessageRow> rows = [];
        var batch = Begin();
        batch.AddList(topic, limit, after, rows);
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        return rows;
    }

    /// <inheritdoc/>
    /// <remarks>One more round trip for each 4 MB.</remarks>
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
            batch.AddNextDue(topic, _nextFrom, due => next = due);
        }

        await RunAsync(batch, isLast, cancellationToken).ConfigureAwait(false);
        if (topic is not null && isLast && _look is { } look)
        {
            next = bounds.Commit(look, changes, next, _clock);
        }

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

    /// <summary>Commits unless the last statements did.</summary>
    public Task CommitAsync(CancellationToken cancellationToken) => EndAsync("COMMIT", cancellationToken);

    /// <summary>Rolls back unless the transaction is over.</summary>
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

    /// <summary>Reads for a caller. In REPEATABLE READ, a look-up that finds nothing locks a gap, and with it other partitions, so
    /// partitions that were just created are skipped.</summary>
    private async Task ReadOldAsync(
        IReadOnlyList<TopicKeys> topics, List<PartitionRow>[] partitions, List<MessageRow>[] messages, CancellationToken cancellationToken)
    {
        MySqlBatchText batch = new();
        for (var i = 0; i < topics.Count; i++)
        {
            var rows = partitions[i].Where(static row => row.ReadyAt != PartitionRow.NeverReady);
            var old = rows.Select(static row => row.Key).ToHashSet(StringComparer.Ordinal);
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

    /// <summary>Creates partitions, or none if another open transaction is creating one of them.</summary>
    private async Task TryCreateAsync(
        string topic, IReadOnlyList<string> keys, List<PartitionRow> locked, CancellationToken cancellationToken)
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
            // The server rolls back the statement, not the transaction.
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
            // The next user of the connection would wait for no lock, so the pool must not take it back.
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
