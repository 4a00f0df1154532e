using System.Data.Common;
using BuildRunner.PostgreSql.Listening;
using static BuildRunner.PostgreSql.Sessions.PostgreSqlParameter;

namespace BuildRunner.PostgreSql.Sessions;

/// <summary>Represents the statements of one round trip, one for all rows of a kind.</summary>
internal sealed class PostgreSqlBatch(NpgsqlConnection connection, PostgreSqlText text, PostgreSqlLocked locked, bool isJoined) : SqlBatch
{
    // Sequences begin at 1.
    private const long NoSequence = -1;

    // Warns that a wait was cancelled, as the driver does after the command timeout. The commit itself is reported as a success.
    private const string WaitForStandby = "SyncRepWaitForLSN";

    private readonly List<(string Text, NpgsqlParameter[] Parameters, Action<DbDataReader>? Read, Action<int>? Written)> _statements = [];

    public override bool IsEmpty => _statements.Count == 0;

    public void Add(string statement, params NpgsqlParameter[] parameters) => _statements.Add((statement, parameters, null, null));

    /// <summary>Adds a statement that returns rows, with a call for each.</summary>
    public void Read(string statement, Action<DbDataReader> read, params NpgsqlParameter[] parameters) =>
        _statements.Add((statement, parameters, read, null));

    public override void AddBegin()
    {
        Add(PostgreSqlText.Begin);
        Read(PostgreSqlText.LookUp, static _ => { });
    }

    public override void AddCommit() => Add(PostgreSqlText.Commit);

    public override void AddShortWait() => Add(PostgreSqlText.ShortWait);

    public override void AddWrite(SqlStatement statement, Action<int> written) =>
        _statements.Add((statement.Numbered('$'), Of(statement), null, written));

    public override void AddRead(SqlStatement statement, Action<DbDataReader> read) => Read(statement.Numbered('$'), read, Of(statement));

    public override void AddClock(Action<QueueClock> read) =>
        Read(text.Clock, reader => read(reader.GetBoolean(1) ? throw new ReadOnlyServerException() : new(reader.GetInt64(0))));

    public override void AddLock(string topic, IReadOnlyList<string> keys, bool waits, List<PartitionRow> rows)
    {
        var placed = waits ? [] : locked.Find(topic, keys);
        if (placed.Count > 0)
        {
            var places = Array(placed.Values, static place => place.ToString());
            AddLock(PostgreSqlText.LockPlaces, rows, Of(topic), Array(placed.Keys), places);
        }

        if (placed.Count < keys.Count)
        {
            var others = Array(keys.Where(key => !placed.ContainsKey(key)));
            AddLock(waits ? PostgreSqlText.LockWaiting : PostgreSqlText.LockSkipping, rows, Of(topic), others);
        }
    }

    public override void AddLockReady(string topic, bool isQuarantined, long from, int limit, List<PartitionRow> rows)
    {
        if (isQuarantined)
        {
            AddLock(text.LockReadyQuarantined, rows, Of(topic), Of(limit));
        }
        else
        {
            AddLock(text.LockReady, rows, Of(topic), Of(limit), Of(from));
        }
    }

    public override void AddLockOrCreate(string topic, IReadOnlyList<string> keys, List<PartitionRow> rows) =>
        AddLock(PostgreSqlText.LockOrCreate, rows, Of(topic), Array(keys));

    public override void AddTryCreate(string topic, IReadOnlyList<string> keys, List<PartitionRow> rows)
    {
        Add(PostgreSqlText.Savepoint);
        Add(PostgreSqlText.DoNotWait);
        AddLockOrCreate(topic, keys, rows);
        Add(PostgreSqlText.WaitAgain);
    }

    public override void AddUndoCreate() => Add(PostgreSqlText.Undo);

    public override bool IsLockTimeout(DbException exception) => exception.SqlState == PostgresErrorCodes.LockNotAvailable;

    public override bool IsConflict(DbException exception) => exception.SqlState == PostgresErrorCodes.CardinalityViolation;

    public override void AddPeek(
        string topic, IReadOnlyList<string> keys, List<PartitionRow> rows, Dictionary<string, long?> leases)
    {
        var moved = locked.Find(topic, keys);
        if (moved.Count > 0)
        {
            AddLock(PostgreSqlText.LockSkipping, rows, Of(topic), Array(moved.Keys));
        }

        Read(
            PostgreSqlText.Peek,
            reader => leases.Add(reader.GetString(0), QueueRows.ReadOptionalInt64(reader, 1)),
            Of(topic),
            Array(keys));
    }

    public override void AddByKey(string topic, IReadOnlyList<MessageKey> keys, List<MessageRow> rows)
    {
        if (keys.Count > 0)
        {
            ReadMessages(
                isJoined ? PostgreSqlText.ByKeyLocking : PostgreSqlText.ByKey,
                hasContent: false,
                rows,
                Of(topic),
                Array(keys, static key => key.PartitionKey),
                Array(keys, static key => key.Id));
        }
    }

    public override void AddBySequence(IReadOnlyList<long> sequences, bool hasContent, List<MessageRow> rows)
    {
        if (sequences.Count > 0)
        {
            var statement = hasContent ? PostgreSqlText.BySequenceWithContent : PostgreSqlText.BySequence;
            ReadMessages(statement, hasContent, rows, Array(sequences));
        }
    }

    public override void AddFirst(string topic, IReadOnlyList<FirstMessage> firsts, bool hasContent, List<MessageRow> rows)
    {
        if (firsts.Count > 0)
        {
            ReadMessages(
                hasContent ? PostgreSqlText.FirstWithContent : PostgreSqlText.FirstState,
                hasContent,
                rows,
                Of(topic),
                Array(firsts, static first => first.PartitionKey),
                Array(firsts, static first => first.Without ?? NoSequence));
        }
    }

    public override void AddList(string topic, int limit, MessageKey? after, List<MessageRow> rows) => ReadMessages(
        PostgreSqlText.List, hasContent: false, rows, Of(topic), Of(after?.PartitionKey ?? ""), Of(after?.Id ?? ""), Of(limit));

    public override void AddChanges(QueueChanges changes)
    {
        PostgreSqlWrites.Add(this, changes, isJoined ? null : locked);

        // The session does not know when the caller commits.
        foreach (var wake in isJoined && text.Notifies ? changes.Wakes : [])
        {
            Read(PostgreSqlText.Notify, static _ => { }, Of(PostgreSqlWake.Write(PostgreSqlListener.Anybody, wake)));
        }
    }

    public override void AddNew(QueueChanges changes, Action<bool> done)
    {
        void Report(DbDataReader reader) => done(reader.GetBoolean(0));

        if (changes is { Inserts: [var message], Partitions: [var (_, partition)] })
        {
            Read(text.InsertNew, Report, PostgreSqlWrites.ColumnsOf(message, partition));
        }
        else
        {
            Read(text.InsertAllNew, Report, PostgreSqlWrites.ColumnsOf(changes));
        }
    }

    public override void AddRollback() => Add(PostgreSqlText.Rollback);

    public override void AddNextDue(string topic, long from, Action<NextDue> read) =>
        Read(PostgreSqlText.NextDue, reader => read(QueueRows.ReadNextDue(reader)), Of(topic), Of(from));

    public override async Task RunAsync(CancellationToken cancellationToken)
    {
        var isReplicated = true;
        void Hear(object sender, NpgsqlNoticeEventArgs heard) => isReplicated &= heard.Notice.Routine != WaitForStandby;

        connection.Notice += Hear;
        try
        {
            await ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            connection.Notice -= Hear;
        }

        if (!isReplicated)
        {
            throw new NpgsqlException(
                "The server has committed, but stopped waiting for its synchronous standby: if the server is lost, so is the commit.",
                new TimeoutException());
        }
    }

    private async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        NpgsqlBatch batch = new(connection);
        await using (batch.ConfigureAwait(false))
        {
            foreach (var (statement, parameters, _, _) in _statements)
            {
                NpgsqlBatchCommand command = new(text.Tables.Qualify(statement));
                foreach (var parameter in parameters)
                {
                    command.Parameters.Add(parameter);
                }

                batch.BatchCommands.Add(command);
            }

            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var reads = _statements.Select(static statement => statement.Read).OfType<Action<DbDataReader>>();
                await ReadAsync(reader, reads, cancellationToken).ConfigureAwait(false);
            }

            for (var i = 0; i < _statements.Count; i++)
            {
                _statements[i].Written?.Invoke(Math.Max(0, batch.BatchCommands[i].RecordsAffected));
            }
        }
    }

    private void AddLock(string statement, List<PartitionRow> rows, params NpgsqlParameter[] parameters) =>
        Read(statement, reader => rows.Add(locked.Read(reader)), parameters);

    private void ReadMessages(string statement, bool hasContent, List<MessageRow> rows, params NpgsqlParameter[] parameters) =>
        Read(statement, reader => rows.Add(QueueRows.ReadMessage(reader, hasContent)), parameters);
}
