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

    public override async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var version = await ConnectedAsync(
            async connection =>
            {
                var noBackslashEscapes = connections.NoBackslashEscapes;
                var version = await MySqlServer.CheckAsync(connection, noBackslashEscapes, cancellationToken).ConfigureAwait(false);
                var preparing = CreatesSchema
                    ? MySqlSchema.MigrateAsync(connection, cancellationToken)
                    : MySqlSchema.CheckAsync(connection, cancellationToken);
                await preparing.ConfigureAwait(false);
                return version;
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
        () => new MySqlQueueBatch(connection, (MySqlTransaction?)joined, clock);

    protected override Task<IReadOnlyList<SchemaScript>> PendingAsync(
        MySqlConnection connection, DbTransaction? transaction, CancellationToken cancellationToken) =>
        MySqlSchema.PendingAsync(connection, transaction, cancellationToken);

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

    [LoggerMessage(1, LogLevel.Warning,
        "The server reports the version '{Version}'. It skips locked rows, as the queue needs, but only MariaDB is tested.")]
    private static partial void LogNotTried(ILogger logger, string version);
}
