using BuildRunner.MySql.Galera;
using BuildRunner.MySql.Schema;
using BuildRunner.MySql.Sessions;
using Microsoft.Extensions.Logging;

namespace BuildRunner.MySql;

/// <summary>Keeps a queue and builds in a MySQL or MariaDB database. Consumers find what other processes and callers' transactions publish
/// when they poll.</summary>
internal sealed partial class MySqlQueueDatabase(
    MySqlConnections connections, TimeProvider timeProvider, string clock = MySqlQueueBatch.DefaultClock, ILogger? logger = null)
    : SqlDatabase<MySqlConnection>(timeProvider)
{
    private readonly ILogger _logger = HarmlessLogger.Of(logger);
    private GaleraWriter? _writer;

    internal MySqlQueueDatabase(
        string connectionString, TimeProvider timeProvider, string clock = MySqlQueueBatch.DefaultClock, ILogger? logger = null)
        : this(new MySqlConnections(connectionString), timeProvider, clock, logger)
    {
    }

    public override string Name => "mysql";

    public override BuildDialect BuildDialect => MySqlQueueBatch.Builds;

    /// <summary>Gets the lock with which the start tries whether the server skips locked rows. Tests set none, as if the server ignored
    /// it.</summary>
    internal string ProbeLock { get; init; } = MySqlLockProbe.ForUpdate;

    /// <summary>Gets for how long a node of a cluster is unused before another one takes over. Tests set none, and write to all nodes at
    /// once.</summary>
    internal TimeSpan? WriterSilence { get; init; } = GaleraWriter.DefaultSilence;

    public override async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var version = await ConnectedAsync(
            async connection =>
            {
                var noBackslashEscapes = connections.NoBackslashEscapes;
                var settings = await MySqlServer.CheckAsync(connection, noBackslashEscapes, cancellationToken).ConfigureAwait(false);
                var preparing = CreatesSchema
                    ? MySqlSchema.MigrateAsync(connection, cancellationToken)
                    : MySqlSchema.CheckAsync(connection, cancellationToken);
                await preparing.ConfigureAwait(false);
                Learn(settings);
                if (_writer is not null)
                {
                    await SchemaMigration.ExecuteAsync(connection, null, GaleraWriter.AddRows, cancellationToken).ConfigureAwait(false);
                    await ReadClockAsync(connection, cancellationToken).ConfigureAwait(false);
                }

                return settings.GetValueOrDefault("version", connection.ServerVersion);
            },
            cancellationToken).ConfigureAwait(false);
        await new MySqlLockProbe(connections, ProbeLock).RunAsync(version, cancellationToken).ConfigureAwait(false);
        if (!MySqlServer.IsTried(version))
        {
            LogNotTried(_logger, version);
        }
    }

    public override FailureKind KindOf(Exception exception) => MySqlFailure.KindOf(exception);

    protected override ValueTask<MySqlConnection> OpenAsync(CancellationToken cancellationToken) =>
        new(connections.OpenAsync(cancellationToken));

    protected override Func<SqlBatch> Batches(MySqlConnection connection, DbTransaction? joined) =>
        () => new MySqlQueueBatch(connection, (MySqlTransaction?)joined, clock, _writer);

    protected override async Task<IReadOnlyList<SchemaScript>> PendingAsync(
        MySqlConnection connection, DbTransaction? transaction, CancellationToken cancellationToken)
    {
        Learn(await MySqlServer.ReadAsync(connection, (MySqlTransaction?)transaction, cancellationToken).ConfigureAwait(false));
        return await MySqlSchema.PendingAsync(connection, transaction, cancellationToken).ConfigureAwait(false);
    }

    protected override async Task RollbackAsync(MySqlConnection connection)
    {
        try
        {
            await SchemaMigration.ExecuteAsync(connection, transaction: null, "ROLLBACK", CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The first failure is thrown. The transaction ends with the connection, which is not used again.
            await MySqlConnection.ClearPoolAsync(connection, CancellationToken.None).ConfigureAwait(false);
        }
    }

    protected override bool EndsPool(Exception exception) => MySqlFailure.EndsPool(exception);

    protected override Task ClearPoolAsync(MySqlConnection connection, Exception exception) =>
        MySqlConnection.ClearPoolAsync(connection, CancellationToken.None);

    protected override ValueTask CloseAsync() => new(connections.ClearAsync());

    private void Learn(IReadOnlyDictionary<string, string> settings) =>
        _writer = WriterSilence is { } silence && GaleraWriter.IsNode(settings) ? _writer ?? new(silence, ClaimAsync) : null;

    private Task<bool> ClaimAsync() => ConnectedAsync(
        async connection =>
        {
            await ReadClockAsync(connection, CancellationToken.None).ConfigureAwait(false);
            return true;
        },
        CancellationToken.None);

    /// <summary>Uses a node of a cluster, and throws if another one is written to.</summary>
    private async Task ReadClockAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        MySqlQueueBatch batch = new(connection, joined: null, clock, _writer);
        _writer?.AddClaim(batch);
        batch.AddClock(static _ => { });
        await batch.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(1, LogLevel.Warning,
        "The server reports the version '{Version}'. It skips locked rows, as the queue needs, but only MariaDB is tested.")]
    private static partial void LogNotTried(ILogger logger, string version);
}
