using System.Data.Common;
using System.Net.Sockets;
using BuildRunner.MySql.Schema;
using BuildRunner.MySql.Sessions;
using BuildRunner.Queue.Engines;
using BuildRunner.Relational;
using MySqlConnector;

namespace BuildRunner.MySql;

/// <summary>
/// Represents the database of MySQL or MariaDB of a queue, and of what else is saved in one step with its messages.
/// </summary>
/// <remarks>
/// <para>
/// Keeps a pool of connections of its own. What other processes publish, and what is published in transactions of callers, is found when a consumer looks by itself.
/// </para>
/// <para>
/// Safe for use by several threads.
/// </para>
/// </remarks>
public sealed class MySqlQueueDatabase : IBuildDatabase
{
    private const int ServerShutdown = 1053;
    private const int ConnectionKilled = 1927;

    // Not a data source, whose pool cannot be cleared.
    private readonly string _connectionString;
    private readonly string _clock;
    private volatile bool _isDisposed;

    /// <summary>
    /// Initializes a new instance of the <see cref="MySqlQueueDatabase"/> class.
    /// </summary>
    /// <param name="connectionString">The connection string.</param>
    /// <exception cref="ArgumentException"><paramref name="connectionString"/> is <see langword="null"/>, empty, or no connection string.</exception>
    public MySqlQueueDatabase(string connectionString)
        : this(connectionString, MySqlReads.DefaultClock)
    {
    }

    internal MySqlQueueDatabase(string connectionString, string clock)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);

        // Nothing is left in a session that the next one would have to be protected from. What is published here is committed here, whatever becomes of a TransactionScope around it.
        // A row that an insert finds and leaves as it is counts for none with UseAffectedRows.
        MySqlConnectionStringBuilder builder = new(connectionString) { ConnectionReset = false, AutoEnlist = false, UseAffectedRows = true };
        _connectionString = builder.ConnectionString;
        _clock = clock;
    }

    /// <inheritdoc/>
    public string Name => "mysql";

    /// <inheritdoc/>
    public WakeSignals Signals { get; } = new();

    /// <inheritdoc/>
    BuildDialect IBuildDatabase.BuildDialect => MySqlReads.Builds;

    /// <inheritdoc/>
    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            await MySqlServer.CheckAsync(connection, new MySqlConnectionStringBuilder(_connectionString).NoBackslashEscapes, cancellationToken).ConfigureAwait(false);
            await MySqlSchema.MigrateAsync(connection, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        T result;
        MySqlSession session;
        var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            session = new MySqlSession(connection, _clock, joined: null);
            try
            {
                result = await work(session).ConfigureAwait(false);
                await session.CommitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                await RollbackAsync(session, connection, exception).ConfigureAwait(false);
                throw;
            }
        }

        foreach (var wake in session.Wakes)
        {
            Signals.Wake(wake.Topic, wake.After);
        }

        return result;
    }

    /// <inheritdoc/>
    async Task<QueueClock> IBuildDatabase.ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken)
    {
        QueueClock now = default;
        MySqlBatchText batch = new();
        batch.Add(statement).End(read);
        batch.AddClock(_clock, microseconds => now = new(microseconds));
        var connection = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            try
            {
                await batch.RunAsync(connection, transaction: null, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsBroken(exception))
            {
                await ForgetOthersAsync(connection).ConfigureAwait(false);
                throw;
            }
        }

        return now;
    }

    /// <inheritdoc/>
    public async Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        (await MySqlSchema.PendingAsync(ConnectionOf(transaction), (MySqlTransaction)transaction, cancellationToken).ConfigureAwait(false)).Count == 0;

    /// <inheritdoc/>
    public QueueSession Join(DbTransaction transaction) => new MySqlSession(ConnectionOf(transaction), _clock, (MySqlTransaction)transaction);

    /// <inheritdoc/>
    public bool IsTransient(Exception exception) => exception is MySqlException { IsTransient: true } || IsBroken(exception);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        MySqlConnection connection = new(_connectionString);
        await using (connection.ConfigureAwait(false))
        {
            await MySqlConnection.ClearPoolAsync(connection).ConfigureAwait(false);
        }
    }

    private static MySqlConnection ConnectionOf(DbTransaction transaction) =>
        (transaction as MySqlTransaction)?.Connection
        ?? throw new ArgumentException("The transaction is not one of MySqlConnector, or it is over; pass one of a connection to the database of the queue.", nameof(transaction));

    private static bool IsBroken(Exception exception) =>
        exception is MySqlException { InnerException: SocketException or IOException } or MySqlException { Number: ServerShutdown or ConnectionKilled };

    private static async Task RollbackAsync(MySqlSession session, MySqlConnection connection, Exception failure)
    {
        try
        {
            await session.RollbackAsync().ConfigureAwait(false);
            if (!IsBroken(failure))
            {
                return;
            }
        }
        catch (Exception exception) when (exception is MySqlException or InvalidOperationException or IOException)
        {
            // The connection is gone, and the transaction with it.
        }

        await ForgetOthersAsync(connection).ConfigureAwait(false);
    }

    // The others were cut with it, as when the server starts again. Nothing looks at them before they are used: they would use up all tries.
    private static Task ForgetOthersAsync(MySqlConnection connection) => MySqlConnection.ClearPoolAsync(connection, CancellationToken.None);

    private async Task<MySqlConnection> OpenAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        MySqlConnection connection = new(_connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
