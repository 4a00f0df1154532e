using System.Data.Common;
using BuildRunner.Sqlite.Reading;
using BuildRunner.Sqlite.Schema;
using BuildRunner.Sqlite.Writing;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Sqlite;

/// <summary>Represents the SQLite file of a queue and its builds. One thread of this process does all writing work, several items per
/// transaction; work must await only its session. Builds are read beside it. Safe for use by several threads.</summary>
internal sealed class SqliteQueueDatabase : IBuildDatabase
{
    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private readonly SqliteFile _file;
    private readonly string _clock;

    public SqliteQueueDatabase(
        string connectionString,
        string clock = SqliteText.Clock,
        TimeSpan? busyTimeout = null,
        ILogger? logger = null,
        long maxLogSize = SqliteLog.DefaultMaxSize)
    {
        _file = new SqliteFile(connectionString, busyTimeout);
        _clock = clock;
        _writer = new SqliteWriter(_file, new SqliteLog(_file, maxLogSize, HarmlessLogger.Of(logger)), clock, Signals);
        _readers = new SqliteReaders(_file, clock);
    }

    public string Name => "sqlite";

    public WakeSignals Signals { get; } = new();

    BuildDialect IBuildDatabase.BuildDialect => SqliteText.Builds;

    public Task MigrateAsync(CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            using var connection = _file.Open();
            await SqliteSchema.MigrateAsync(connection, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    public Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken)
    {
        WriteItem<T> item = new(work, cancellationToken);
        _writer.Add(item);
        return cancellationToken.CanBeCanceled ? item.Task.WaitAsync(cancellationToken) : item.Task;
    }

    Task<QueueClock> IBuildDatabase.ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_readers.Read(statement, read));
    }

    public async Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        var pending = SqliteSchema.PendingAsync(ConnectionOf(transaction), (SqliteTransaction)transaction, cancellationToken);
        return (await pending.ConfigureAwait(false)).Count == 0;
    }

    public QueueSession Join(DbTransaction transaction)
    {
        var connection = ConnectionOf(transaction);
        _file.ThrowIfMoved();
        TakeWriteLock(connection, (SqliteTransaction)transaction);
        return new SqliteSession(new SqliteStatements(connection, _clock), ownsStatements: true);
    }

    public FailureKind KindOf(Exception exception) => SqliteFailure.KindOf(exception);

    public async ValueTask DisposeAsync()
    {
        _readers.Dispose();
        await _writer.DisposeAsync().ConfigureAwait(false);
        _file.Dispose();
    }

    private static SqliteConnection ConnectionOf(DbTransaction transaction) =>
        (transaction as SqliteTransaction)?.Connection
        ?? throw new ArgumentException(
            "The transaction is not from Microsoft.Data.Sqlite or has ended; pass an open one on the queue's file.", nameof(transaction));

    /// <summary>Takes the write lock with a write that changes nothing. A deferred transaction that has read before sees an old snapshot;
    /// SQLite refuses it here if another has written since.</summary>
    private static void TakeWriteLock(SqliteConnection connection, SqliteTransaction transaction)
    {
        // A command of the driver waits for the lock like the caller's own.
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "DELETE FROM queue_partitions WHERE 0";
        command.ExecuteNonQuery();
    }
}
