using System.Data.Common;
using BuildRunner.Queue;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using BuildRunner.Sqlite.Reading;
using BuildRunner.Sqlite.Schema;
using BuildRunner.Sqlite.Sessions;
using BuildRunner.Sqlite.Writing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Sqlite;

/// <summary>
/// Represents the SQLite file of a queue, and of what else is saved in one step with its messages.
/// </summary>
/// <remarks>
/// <para>
/// All work of this process that writes is done by one thread, several pieces in one transaction where they come together. Work must wait for nothing but its session. Builds are read beside it.
/// </para>
/// <para>
/// Safe for use by several threads. Several processes can use one file.
/// </para>
/// </remarks>
internal sealed class SqliteQueueDatabase : IBuildDatabase
{
    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private readonly SqliteFile _file;
    private readonly string _clock;

    /// <summary>
    /// Initializes a new instance of the <see cref="SqliteQueueDatabase"/> class.
    /// </summary>
    /// <param name="connectionString">The connection string of a file.</param>
    /// <exception cref="ArgumentException"><paramref name="connectionString"/> is <see langword="null"/>, empty, or no connection string.</exception>
    public SqliteQueueDatabase(string connectionString)
        : this(connectionString, SqliteText.Clock, busyTimeout: null)
    {
    }

    internal SqliteQueueDatabase(string connectionString, string clock, TimeSpan? busyTimeout = null, ILogger? logger = null, long maxLogSize = SqliteLog.DefaultMaxSize)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        _file = new SqliteFile(connectionString, busyTimeout);
        _clock = clock;
        _writer = new SqliteWriter(_file, new SqliteLog(_file, maxLogSize, HarmlessLogger.Of(logger)), clock, Signals);
        _readers = new SqliteReaders(_file, clock);
    }

    /// <inheritdoc/>
    public string Name => "sqlite";

    /// <inheritdoc/>
    public WakeSignals Signals { get; } = new();

    /// <inheritdoc/>
    BuildDialect IBuildDatabase.BuildDialect => SqliteText.Builds;

    /// <inheritdoc/>
    public Task MigrateAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var connection = _file.Open();
            SqliteSchema.Migrate(connection);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        WriteItem<T> item = new(work, cancellationToken);
        _writer.Add(item);
        return cancellationToken.CanBeCanceled ? item.Task.WaitAsync(cancellationToken) : item.Task;
    }

    /// <inheritdoc/>
    Task<QueueClock> IBuildDatabase.ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(_readers.Read(statement, read));
    }

    /// <inheritdoc/>
    public Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        Task.FromResult(SqliteSchema.Pending(ConnectionOf(transaction), (SqliteTransaction)transaction).Count == 0);

    /// <inheritdoc/>
    public QueueSession Join(DbTransaction transaction)
    {
        var connection = ConnectionOf(transaction);
        _file.ThrowIfMoved();
        TakeWriteLock(connection, (SqliteTransaction)transaction);
        return new SqliteSession(new SqliteStatements(connection, _clock), ownsStatements: true);
    }

    /// <inheritdoc/>
    public FailureKind KindOf(Exception exception) => SqliteFailure.KindOf(exception);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _readers.Dispose();
        await _writer.DisposeAsync().ConfigureAwait(false);
        _file.Dispose();
    }

    private static SqliteConnection ConnectionOf(DbTransaction transaction) =>
        (transaction as SqliteTransaction)?.Connection
        ?? throw new ArgumentException("The transaction is not one of Microsoft.Data.Sqlite, or it is over; pass one of a connection to the file of the queue.", nameof(transaction));

    /// <summary>Writes nothing, which needs the write lock all the same. A deferred transaction that has read before sees the file as it was then; SQLite refuses it here where another has written since.</summary>
    private static void TakeWriteLock(SqliteConnection connection, SqliteTransaction transaction)
    {
        // A command of the driver waits for the lock as the caller's own would.
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "DELETE FROM queue_partitions WHERE 0";
        command.ExecuteNonQuery();
    }
}
