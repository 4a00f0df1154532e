using BuildRunner.PostgreSql.Listening;
using BuildRunner.Queue;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using Npgsql;
using static BuildRunner.PostgreSql.Sessions.PostgreSqlParameter;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>Runs statements in a transaction. Each method is one round trip.</summary>
/// <param name="connection">The connection.</param>
/// <param name="text">The statements.</param>
/// <param name="places">The places of leased partitions.</param>
/// <param name="bounds">The times from which to look for ready partitions.</param>
/// <param name="isJoined">Whether the caller begins and commits the transaction. If not, the first and the last statements do.</param>
internal sealed class PostgreSqlSession(
    NpgsqlConnection connection, PostgreSqlText text, PostgreSqlPlaces places, ReadyBounds bounds, bool isJoined) : QueueSession
{
    private readonly PostgreSqlLocked _locked = new(places);
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
        var placed = _locked.Find(topic, keys);
        var look = bounds.Begin(topic, limit > 0);
        var batch = Begin();
        if (placed.Count > 0)
        {
            var at = Texts(placed.Values, static place => place.ToString());
            batch.Read(PostgreSqlText.LockPlaces, reader => named.Add(_locked.Read(reader)), Of(topic), Texts(placed.Keys), at);
        }

        AddLockSkipping(batch, topic, [.. keys.Where(key => !placed.ContainsKey(key))], named);
        if (limit > 0)
        {
            batch.Read(text.LockReady, reader => ready.Add(_locked.Read(reader)), Of(topic), Of(limit), Of(look.From));
        }

        if (quarantinedLimit > 0)
        {
            batch.Read(text.LockReadyQuarantined, reader => quarantined.Add(_locked.Read(reader)), Of(topic), Of(quarantinedLimit));
        }

        batch.Read(text.Clock, reader => _clock = new(reader.GetInt64(0)));
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        _look = bounds.End(look);
        _nextFrom = _look.NextFrom(_clock, ready);
        var busy = await PeekAsync(topic, Missing(keys, named), placed.ContainsKey, named, cancellationToken).ConfigureAwait(false);
        return new() { Named = named, Busy = busy, Ready = ready, ReadyQuarantined = quarantined, Clock = _clock };
    }

    public override async Task<PublishLocks> LockForPublishAsync(
        IReadOnlyList<StoreWrite> writes, IReadOnlyList<TopicKeys> topics, CancellationToken cancellationToken)
    {
        List<int> written = [];
        QueueClock clock = default;
        var batch = Begin();
        foreach (var statement in writes.Cast<SqlStatement>())
        {
            batch.Add(statement.Numbered('$'), written.Add, Of(statement));
        }

        var partitions = topics.Select(static _ => new List<PartitionRow>()).ToArray();
        var messages = topics.Select(static _ => new List<MessageRow>()).ToArray();
        for (var i = 0; i < topics.Count; i++)
        {
            var (locked, found) = (partitions[i], messages[i]);
            var (topic, keys) = (topics[i].Topic, topics[i].PartitionKeys);
            batch.Read(PostgreSqlText.LockOrCreate, reader => locked.Add(_locked.Read(reader)), Of(topic), Texts(keys));
            if (!isJoined)
            {
                PostgreSqlReads.AddKeys(batch, PostgreSqlText.ByKey, topic, topics[i].Keys, found);
            }
        }

        batch.Read(text.Clock, reader => clock = new(reader.GetInt64(0)));
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        if (isJoined)
        {
            PostgreSqlBatch old = new(text.Tables);
            PostgreSqlReads.AddOld(old, topics, partitions, messages);
            await RunAsync(old, cancellationToken).ConfigureAwait(false);
        }

        return new(written, [.. partitions.Zip(messages, static (locked, found) => new TopicLocks(locked, found))], clock);
    }

    public override async Task<IReadOnlyList<PartitionRow>> LockAsync(
        string topic, IReadOnlyList<string> keys, bool creates, bool waits, CancellationToken cancellationToken)
    {
        if (creates && waits)
        {
            return await LockAsync(PostgreSqlText.LockOrCreate, topic, keys, cancellationToken).ConfigureAwait(false);
        }

        var statement = waits ? PostgreSqlText.LockWaiting : PostgreSqlText.LockSkipping;
        var locked = await LockAsync(statement, topic, keys, cancellationToken).ConfigureAwait(false);
        if (!creates)
        {
            return locked;
        }

        // What exists and was left out is locked; the rest is created.
        var missing = Missing(keys, locked);
        var busy = await PeekAsync(topic, missing, static _ => false, locked, cancellationToken).ConfigureAwait(false);
        string[] made = [.. missing.Where(key => !busy.ContainsKey(key))];
        return made.Length == 0 ? locked : [.. locked, .. await TryCreateAsync(topic, made, cancellationToken).ConfigureAwait(false)];
    }

    public override async Task<MessageResult> ReadAsync(MessageQuery query, CancellationToken cancellationToken)
    {
        List<MessageRow> bySequence = [];
        List<MessageRow> firsts = [];
        List<MessageRow> byKey = [];
        var batch = Begin();
        PostgreSqlReads.Add(batch, query, bySequence, firsts, byKey);
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        return new() { BySequence = bySequence, Firsts = firsts, ByKey = byKey };
    }

    public override async Task<IReadOnlyList<MessageRow>> ListAsync(
        string topic, int limit, MessageKey? after, CancellationToken cancellationToken)
    {
        List<MessageRow> rows = [];
        var batch = Begin();
        batch.Read(PostgreSqlText.IsStandby, static reader => _ = reader.GetBoolean(0) ? throw new ReadOnlyServerException() : false);
        NpgsqlParameter[] parameters = [Of(topic), Of(after?.PartitionKey ?? ""), Of(after?.Id ?? ""), Of(limit)];
        batch.Read(PostgreSqlText.List, reader => rows.Add(QueueRows.ReadState(reader)), parameters);
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        return rows;
    }

    public override async Task<NextDue> WriteAsync(QueueChanges changes, string? topic, bool isLast, CancellationToken cancellationToken)
    {
        NextDue next = default;
        var batch = Begin();
        PostgreSqlWrites.Add(batch, changes, isJoined ? null : _locked);
        if (isJoined)
        {
            // The session does not know when the caller commits.
            foreach (var wake in changes.Wakes)
            {
                batch.Read(PostgreSqlText.Notify, static _ => { }, Of(PostgreSqlWake.Write(PostgreSqlListener.Anybody, wake)));
            }
        }

        if (topic is not null)
        {
            batch.Read(
                PostgreSqlText.NextDue,
                reader => next = new(QueueRows.ReadOptionalInt64(reader, 0), QueueRows.ReadOptionalInt64(reader, 1)),
                Of(topic),
                Of(_nextFrom));
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
        var statement = (SqlStatement)write;
        batch.Add(statement.Numbered('$'), rows => written = rows, Of(statement));
        await RunAsync(batch, isLast, cancellationToken).ConfigureAwait(false);
        return written;
    }

    /// <summary>Commits unless the last statements did.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (_hasBegun && !_isOver)
        {
            PostgreSqlBatch batch = new(text.Tables);
            batch.Add(PostgreSqlText.Commit);
            await batch.RunAsync(connection, cancellationToken).ConfigureAwait(false);
        }
    }

    private static string[] Missing(IReadOnlyList<string> keys, List<PartitionRow> rows)
    {
        var there = rows.Select(static row => row.Key).ToHashSet(StringComparer.Ordinal);
        return [.. keys.Where(key => !there.Contains(key))];
    }

    private PostgreSqlBatch Begin()
    {
        PostgreSqlBatch batch = new(text.Tables);
        if (!isJoined && !_hasBegun)
        {
            batch.Add(PostgreSqlText.Begin);
            batch.Read(PostgreSqlText.LookUp, static _ => { });
        }

        return batch;
    }

    private async Task RunAsync(PostgreSqlBatch batch, bool isLast, CancellationToken cancellationToken)
    {
        var commits = isLast && !isJoined;
        if (commits)
        {
            batch.Add(PostgreSqlText.Commit);
        }

        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        _isOver |= commits;
    }

    private async Task RunAsync(PostgreSqlBatch batch, CancellationToken cancellationToken)
    {
        if (!batch.IsEmpty)
        {
            await batch.RunAsync(connection, cancellationToken).ConfigureAwait(false);
            _hasBegun = true;
        }
    }

    private async Task<List<PartitionRow>> LockAsync(
        string statement, string topic, IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        List<PartitionRow> rows = [];
        var batch = Begin();
        batch.Read(statement, reader => rows.Add(_locked.Read(reader)), Of(topic), Texts(keys));
        await RunAsync(batch, cancellationToken).ConfigureAwait(false);
        return rows;
    }

    /// <summary>Creates partitions, or none if another open transaction is creating one of them.</summary>
    private async Task<List<PartitionRow>> TryCreateAsync(string topic, string[] keys, CancellationToken cancellationToken)
    {
        List<PartitionRow> rows = [];
        PostgreSqlBatch batch = new(text.Tables);
        batch.Add(PostgreSqlText.DoNotWait);
        batch.Read(PostgreSqlText.LockOrCreate, reader => rows.Add(_locked.Read(reader)), Of(topic), Texts(keys));
        batch.Add(PostgreSqlText.WaitAgain);
        PostgreSqlBatch savepoint = new(text.Tables);
        savepoint.Add(PostgreSqlText.Savepoint);
        await savepoint.RunAsync(connection, cancellationToken).ConfigureAwait(false);
        try
        {
            await batch.RunAsync(connection, cancellationToken).ConfigureAwait(false);
            return rows;
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            PostgreSqlBatch undo = new(text.Tables);
            undo.Add(PostgreSqlText.Undo);
            await undo.RunAsync(connection, cancellationToken).ConfigureAwait(false);
            return [];
        }
    }

    private void AddLockSkipping(PostgreSqlBatch batch, string topic, string[] keys, List<PartitionRow> rows)
    {
        if (keys.Length > 0)
        {
            batch.Read(PostgreSqlText.LockSkipping, reader => rows.Add(_locked.Read(reader)), Of(topic), Texts(keys));
        }
    }

    /// <summary>Locks partitions that have moved, and then reads the leases of those that are not locked.</summary>
    private async Task<Dictionary<string, long?>> PeekAsync(
        string topic, string[] keys, Func<string, bool> hasMoved, List<PartitionRow> locked, CancellationToken cancellationToken)
    {
        Dictionary<string, long?> leases = new(StringComparer.Ordinal);
        if (keys.Length > 0)
        {
            PostgreSqlBatch batch = new(text.Tables);
            AddLockSkipping(batch, topic, [.. keys.Where(hasMoved)], locked);
            batch.Read(text.Clock, reader => _clock = new(reader.GetInt64(0)));
            batch.Read(
                PostgreSqlText.Peek,
                reader => leases.Add(reader.GetString(0), QueueRows.ReadOptionalInt64(reader, 1)),
                Of(topic),
                Texts(keys));
            await batch.RunAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        return leases;
    }
}
