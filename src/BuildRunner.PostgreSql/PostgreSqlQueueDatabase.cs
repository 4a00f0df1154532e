using System.Data.Common;
using BuildRunner.PostgreSql.Listening;
using BuildRunner.PostgreSql.Schema;
using BuildRunner.PostgreSql.Sessions;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using Npgsql;

namespace BuildRunner.PostgreSql;

/// <summary>The PostgreSQL database of a queue and of builds. Keeps a pool of connections, and one more on which it listens for what other processes publish. Safe for use by several threads.</summary>
internal sealed class PostgreSqlQueueDatabase : IBuildDatabase
{
    /// <summary>The connections that there are at most, where nobody says how many. The server has a process for each: with more, those that commit get slower together, and a program that starts opens them all.</summary>
    private const int DefaultPoolSize = 20;

    private readonly NpgsqlDataSource _dataSource;
    private readonly PostgreSqlText _text;
    private readonly PostgreSqlPlaces _places = new();
    private readonly ReadyBounds _bounds;
    private readonly PostgreSqlListener _listener;
    private readonly PostgreSqlNotifier _notifier;

    public PostgreSqlQueueDatabase(string connectionString)
        : this(connectionString, PostgreSqlText.DefaultClock, TimeProvider.System)
    {
    }

    internal PostgreSqlQueueDatabase(string connectionString, string clock, TimeProvider timeProvider)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        NpgsqlSlimDataSourceBuilder builder = new(connectionString);
        builder.EnableArrays();
        builder.EnableTransportSecurity();
        builder.EnableIntegratedSecurity();

        // What is published here is committed here, whatever becomes of a TransactionScope around it.
        builder.ConnectionStringBuilder.Enlist = false;
        if (!builder.ConnectionStringBuilder.ShouldSerialize("Maximum Pool Size"))
        {
            builder.ConnectionStringBuilder.MaxPoolSize = Math.Max(DefaultPoolSize, builder.ConnectionStringBuilder.MinPoolSize);
        }

        MaxPoolSize = builder.ConnectionStringBuilder.MaxPoolSize;
        _dataSource = builder.Build();
        _text = new PostgreSqlText(clock);
        _bounds = new ReadyBounds(timeProvider);
        _listener = new PostgreSqlListener(_dataSource, Signals, timeProvider);
        _notifier = new PostgreSqlNotifier(_dataSource, _listener.Sender, timeProvider);
    }

    public string Name => "postgresql";

    public WakeSignals Signals { get; } = new();

    /// <summary>Gets how many connections there are at most.</summary>
    internal int MaxPoolSize { get; }

    BuildDialect IBuildDatabase.BuildDialect => PostgreSqlText.Builds;

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await ConnectedAsync(
            async connection =>
            {
                await PostgreSqlServer.CheckAsync(connection, cancellationToken).ConfigureAwait(false);
                await PostgreSqlSchema.MigrateAsync(connection, cancellationToken).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        await _listener.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<T> RunAsync<T>(Func<QueueSession, Task<T>> work, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        var (result, wakes) = await ConnectedAsync(
            async connection =>
            {
                // What is not committed is rolled back when the connection goes back to the pool.
                PostgreSqlSession session = new(connection, _text, _places, _bounds, isJoined: false);
                var result = await work(session).ConfigureAwait(false);
                await session.CommitAsync(cancellationToken).ConfigureAwait(false);
                return (result, session.Wakes);
            },
            cancellationToken).ConfigureAwait(false);
        foreach (var wake in wakes)
        {
            Signals.Wake(wake.Topic, wake.After);
        }

        _notifier.Tell(wakes);
        return result;
    }

    Task<QueueClock> IBuildDatabase.ReadAsync(SqlStatement statement, Action<DbDataReader> read, CancellationToken cancellationToken)
    {
        QueueClock clock = default;
        PostgreSqlBatch batch = new();
        batch.Read(statement.Numbered('$'), read, PostgreSqlParameter.Of(statement));

        // A standby answers as well, and what it knows may be old.
        batch.Read(_text.Clock, reader => clock = reader.GetBoolean(1) ? throw new ReadOnlyServerException() : new(reader.GetInt64(0)));
        return ConnectedAsync(
            async connection =>
            {
                await batch.RunAsync(connection, cancellationToken).ConfigureAwait(false);
                return clock;
            },
            cancellationToken);
    }

    public async Task<bool> IsMigratedAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        (await PostgreSqlSchema.PendingAsync(ConnectionOf(transaction), cancellationToken).ConfigureAwait(false)).Count == 0;

    public QueueSession Join(DbTransaction transaction) => new PostgreSqlSession(ConnectionOf(transaction), _text, _places, _bounds, isJoined: true);

    public FailureKind KindOf(Exception exception) => PostgreSqlFailure.KindOf(exception);

    public async ValueTask DisposeAsync()
    {
        await _notifier.DisposeAsync().ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _dataSource.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<T> ConnectedAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await _dataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                return await work(connection).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (PostgreSqlFailure.EndsPool(exception))
        {
            // The others lead to where this one did; new ones go to where the address leads now. The one that listens is not in the pool, and is cut where this one was.
            _dataSource.Clear();
            if (KindOf(exception) == FailureKind.ReadOnly)
            {
                _listener.Reconnect();
            }

            throw;
        }
    }

    private static NpgsqlConnection ConnectionOf(DbTransaction transaction) =>
        (transaction as NpgsqlTransaction)?.Connection
        ?? throw new ArgumentException("The transaction is not one of Npgsql, or it is over; pass one of a connection to the database of the queue.", nameof(transaction));
}
