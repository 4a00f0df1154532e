using System.Data.Common;
using BuildRunner.PostgreSql.Listening;
using BuildRunner.PostgreSql.Schema;
using BuildRunner.PostgreSql.Sessions;
using BuildRunner.Queue.Sessions;
using BuildRunner.Relational;
using Npgsql;

namespace BuildRunner.PostgreSql;

/// <summary>Keeps a queue and builds in a PostgreSQL database. One of its connections listens for other processes.</summary>
internal sealed class PostgreSqlQueueDatabase : IBuildDatabase
{
    private readonly PostgreSqlConnections _connections;
    private readonly PostgreSqlText _text;
    private readonly PostgreSqlPlaces _places = new();
    private readonly ReadyBounds _bounds;
    private readonly PostgreSqlSchema _schema;
    private readonly PostgreSqlListener _listener;
    private readonly PostgreSqlNotifier _notifier;

    /// <summary>Initializes a new instance of the <see cref="PostgreSqlQueueDatabase"/> class, which disposes the connections.</summary>
    public PostgreSqlQueueDatabase(PostgreSqlConnections connections, PostgreSqlText text, TimeProvider timeProvider)
    {
        _connections = connections;
        _text = text;
        _schema = new PostgreSqlSchema(text.Tables);
        _bounds = new ReadyBounds(timeProvider);
        _listener = new PostgreSqlListener(connections, text.Tables, Signals, timeProvider);
        _notifier = new PostgreSqlNotifier(connections, text.Tables, _listener.Sender, timeProvider);
    }

    internal PostgreSqlQueueDatabase(string connectionString, TimeProvider timeProvider, string clock = PostgreSqlText.DefaultClock)
        : this(new PostgreSqlConnections(connectionString), new PostgreSqlText(clock, new PostgreSqlTables(schema: null)), timeProvider)
    {
    }

    /// <summary>Gets a value indicating whether the tables are created and updated, or only checked.</summary>
    public bool CreatesSchema { get; init; } = true;

    public string Name => "postgresql";

    public WakeSignals Signals { get; } = new();

    /// <inheritdoc/>
    BuildDialect IBuildDatabase.BuildDialect => PostgreSqlText.Builds;

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await ConnectedAsync(
            async connection =>
            {
                await PostgreSqlServer.CheckAsync(connection, cancellationToken).ConfigureAwait(false);
                var preparing = CreatesSchema
                    ? _schema.MigrateAsync(connection, cancellationToken)
                    : _schema.CheckAsync(connection, cancellationToken);
                await preparing.ConfigureAwait(false);
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
                // The pool rolls back what is not committed.
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
        PostgreSqlBatch batch = new(_text.Tables);
        batch.Read(statement.Numbered('$'), read, PostgreSqlParameter.Of(statement));

        // A standby answers too, perhaps with old data.
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
        (await _schema.PendingAsync(ConnectionOf(transaction), cancellationToken).ConfigureAwait(false)).Count == 0;

    public QueueSession Join(DbTransaction transaction) =>
        new PostgreSqlSession(ConnectionOf(transaction), _text, _places, _bounds, isJoined: true);

    public FailureKind KindOf(Exception exception) => PostgreSqlFailure.KindOf(exception);

    public async ValueTask DisposeAsync()
    {
        await _notifier.DisposeAsync().ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _connections.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<T> ConnectedAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            var connection = await _connections.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                return await work(connection).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (PostgreSqlFailure.EndsPool(exception))
        {
            // The other connections lead to the same server. The one that listens is not in the pool, and fails by itself if it is cut.
            _connections.Clear();
            if (KindOf(exception) == FailureKind.ReadOnly)
            {
                _listener.Reconnect();
            }

            throw;
        }
    }

    private static NpgsqlConnection ConnectionOf(DbTransaction transaction) =>
        (transaction as NpgsqlTransaction)?.Connection
        ?? throw new ArgumentException(
            "The transaction is not an open Npgsql transaction; pass one on a connection to the queue's database.", nameof(transaction));
}
