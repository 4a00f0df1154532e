using System.Data.Common;
using BuildRunner.MySql.Schema;
using BuildRunner.MySql.Sessions;
using BuildRunner.Queue;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using Microsoft.Extensions.Logging;
using MySqlConnector;

namespace BuildRunner.MySql;

/// <summary>Keeps a queue and builds in a MySQL or MariaDB database. Consumers find what other processes and callers' transactions publish
/// when they poll. Safe for use by several threads.</summary>
internal sealed class MySqlQueueDatabase : IBuildDatabase
{
    private readonly MySqlConnections _connections;
    private readonly string _clock;
    private readonly ILogger _logger;
    private readonly ReadyBounds _bounds;
    private volatile bool _isDisposed;

    public MySqlQueueDatabase(
        MySqlConnections connections, TimeProvider timeProvider, string clock = MySqlReads.DefaultClock, ILogger? logger = null)
    {
        _connections = connections;
        _clock = clock;
        _logger = HarmlessLogger.Of(logger);
        _bounds = new ReadyBounds(timeProvider);
    }

    internal MySqlQueueDatabase(
        string connectionString, TimeProvider timeProvider, string clock = MySqlReads.DefaultClock, ILogger? logger = null)
        : this(new MySqlConnections(connectionString), timeProvider, clock, logger)
    {
    }

    /// <summary>Gets a value indicating whether the tables are created and updated, or only checked.</summary>
    public bool CreatesSchema { get; init; } = true;

    public string Name => "mysql";

    public WakeSignals Signals { get; } = new();

    /// <summary>Gets the lock with which the start tries whether the server skips locked rows. Tests set none, as if the server ignored
    /// it.</summary>
    internal string ProbeLock { get; init; } = MySqlLockProbe.ForUpdate;

    BuildDialect IBuildDatabase.BuildDialect => MySqlReads.Builds;

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var version = await ConnectedAsync(
            async connection =>
            {
                var noBackslashEscapes = _connections.NoBackslashEscapes;
                var version = await MySqlServer.CheckAsync(connection, noBackslashEscapes, cancellationToken).ConfigureAwait(false);
                var preparing = CreatesSchema
                    ? MySqlSchema.MigrateAsync(connection, cancellationToken)
                    : MySqlSchema.CheckAsync(connection, cancellationToken);
                await preparing.ConfigureAwait(false);
                return version;
            },
            cancellationToken).ConfigureAwait(false);
        await new MySqlLockProbe(_connections, ProbeLock).RunAsync(version, cancellationToken).ConfigureAwait(false);
        if (!MySqlServer.IsTried(version))
        {
            Log.NotTried(_logger, version);
        }
    }

    public async Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        var (result, wakes) = await ConnectedAsync(
            async connection =>
            {
                MySqlSession session = new(connection, _clock, _bounds, joined: null);
                try
                {
                    var result = await work(session).ConfigureAwait(false);
                    await session.CommitAsync(cancellationToken).ConfigureAwait(false);
                    return (result, session.Wakes);
                }
                catch
                {
                    await RollbackAsync(session, connection).ConfigureAwait(false);
                    throw;
                }
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var wake in wakes)
        {
            Signals.Wake(wake.Topic, wake.After);
        }

        return result;
    }

    Task<QueueClock> IBuildDatabase.ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken)
    {
        QueueClock now = default;
        MySqlBatchText batch = new();
        batch.Add(statement).End(read);
        batch.AddClock(_clock, microseconds => now = new(microseconds));
        return ConnectedAsync(
            async connection =>
            {
                await batch.RunAsync(connection, transaction: null, cancellationToken).ConfigureAwait(false);
                return now;
            },
            cancellationToken);
    }

    public async Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        var connection = ConnectionOf(transaction);
        var pending = await MySqlSchema.PendingAsync(connection, (MySqlTransaction)transaction, cancellationToken).ConfigureAwait(false);
        return pending.Count == 0;
    }

    public QueueSession Join(DbTransaction transaction) =>
        new MySqlSession(ConnectionOf(transaction), _clock, _bounds, (MySqlTransaction)transaction);

    public FailureKind KindOf(Exception exception) => MySqlFailure.KindOf(exception);

    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        await _connections.ClearAsync().ConfigureAwait(false);
    }

    private static MySqlConnection ConnectionOf(DbTransaction transaction) =>
        (transaction as MySqlTransaction)?.Connection
        ?? throw new ArgumentException(
            "The transaction is not an open MySqlConnector transaction; pass one on a connection to the queue's database.",
            nameof(transaction));

    private static async Task RollbackAsync(MySqlSession session, MySqlConnection connection)
    {
        try
        {
            await session.RollbackAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The first failure is thrown. The transaction ends with the connection, which is not used again.
            await MySqlConnection.ClearPoolAsync(connection, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<T> ConnectedAsync<T>(Func<MySqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var connection = await _connections.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            try
            {
                return await work(connection).ConfigureAwait(false);
            }
            catch (Exception exception) when (MySqlFailure.EndsPool(exception))
            {
                // The other connections lead to the same server and would use up all tries. New ones resolve the address again.
                await MySqlConnection.ClearPoolAsync(connection, CancellationToken.None).ConfigureAwait(false);
                throw;
            }
        }
    }
}
