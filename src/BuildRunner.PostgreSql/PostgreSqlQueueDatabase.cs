using System.Data.Common;
using BuildRunner.PostgreSql.Listening;

namespace BuildRunner.PostgreSql;

/// <summary>Keeps a queue and builds in a PostgreSQL database. One of its connections may listen for other processes.
/// Disposes the connections.</summary>
internal sealed class PostgreSqlQueueDatabase : SqlDatabase<NpgsqlConnection>
{
    private readonly PostgreSqlConnections _connections;
    private readonly PostgreSqlText _text;
    private readonly PostgreSqlPlaces _places = new();
    private readonly PostgreSqlSchema _schema;
    private readonly PostgreSqlListener _listener;
    private readonly PostgreSqlNotifier _notifier;

    public PostgreSqlQueueDatabase(PostgreSqlConnections connections, PostgreSqlText text, TimeProvider timeProvider)
        : base(timeProvider)
    {
        _connections = connections;
        _text = text;
        _schema = new PostgreSqlSchema(text.Tables);
        _listener = new PostgreSqlListener(connections, text.Tables, Signals, timeProvider);
        _notifier = new PostgreSqlNotifier(connections, text.Tables, _listener.Sender, timeProvider);
    }

    internal PostgreSqlQueueDatabase(string connectionString, TimeProvider timeProvider, string clock = PostgreSqlText.DefaultClock)
        : this(new PostgreSqlConnections(connectionString), new PostgreSqlText(clock, new PostgreSqlTables(schema: null)), timeProvider)
    {
    }

    public override string Name => "postgresql";

    public override BuildDialect BuildDialect => PostgreSqlText.Builds;

    protected override UsedTopics Used { get; } = new();

    public override async Task MigrateAsync(CancellationToken cancellationToken)
    {
        await ConnectedAsync(
            async connection =>
            {
                await PostgreSqlSchema.CheckServerAsync(connection, cancellationToken).ConfigureAwait(false);
                await CheckDataSourceAsync(connection, cancellationToken).ConfigureAwait(false);
                var preparing = CreatesSchema
                    ? _schema.MigrateAsync(connection, cancellationToken)
                    : _schema.CheckAsync(connection, cancellationToken);
                await preparing.ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (_text.Notifies)
        {
            await _listener.StartAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public override FailureKind KindOf(Exception exception) => PostgreSqlFailure.KindOf(exception);

    protected override ValueTask<NpgsqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        _connections.OpenAsync(cancellationToken);

    // The pool rolls back what is not committed.
    protected override Func<SqlBatch> Batches(NpgsqlConnection connection, DbTransaction? joined)
    {
        PostgreSqlLocked locked = new(_places);
        return () => new PostgreSqlBatch(connection, _text, locked, joined is not null);
    }

    protected override Task<IReadOnlyList<SchemaScript>> PendingAsync(
        NpgsqlConnection connection, DbTransaction? transaction, CancellationToken cancellationToken) =>
        _schema.PendingAsync(connection, cancellationToken);

    protected override bool EndsPool(Exception exception) => PostgreSqlFailure.EndsPool(exception);

    protected override Task ClearPoolAsync(NpgsqlConnection connection, Exception exception)
    {
        _connections.Clear();

        // The connection that listens is not in the pool, and fails by itself if it is cut.
        if (KindOf(exception) == FailureKind.ReadOnly)
        {
            _listener.Reconnect();
        }

        return Task.CompletedTask;
    }

    protected override void Notify(IReadOnlyList<QueueWake> wakes)
    {
        if (_text.Notifies)
        {
            _notifier.Tell(wakes);
        }
    }

    protected override async ValueTask CloseAsync()
    {
        await _notifier.DisposeAsync().ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        await _connections.DisposeAsync().ConfigureAwait(false);
    }

    private async Task CheckDataSourceAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        PostgreSqlBatch batch = new(connection, _text, new PostgreSqlLocked(_places), isJoined: false);
        batch.Read("SELECT $1[1]", static _ => { }, PostgreSqlParameter.Array([""]));
        try
        {
            await batch.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is NotSupportedException or InvalidCastException)
        {
            throw new InvalidOperationException(
                "The data source of the queue cannot send arrays. Build it with NpgsqlDataSourceBuilder, or call EnableArrays() on "
                + "NpgsqlSlimDataSourceBuilder.",
                exception);
        }
    }
}
