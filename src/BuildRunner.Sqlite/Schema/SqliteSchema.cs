namespace BuildRunner.Sqlite.Schema;

/// <summary>Brings the schema of a file up to date in one transaction that blocks all other writers.</summary>
internal static class SqliteSchema
{
    private const string CreateVersion = "CREATE TABLE IF NOT EXISTS queue_schema (version INTEGER NOT NULL, oldest INTEGER NOT NULL)";

    private static readonly IReadOnlyList<SchemaScript> Scripts = SchemaMigration.Scripts(typeof(SqliteSchema));

    /// <summary>Gets the scripts to run.</summary>
    public static Task<IReadOnlyList<SchemaScript>> PendingAsync(
        SqliteConnection connection, SqliteTransaction? transaction, CancellationToken cancellationToken) =>
        SchemaMigration.PendingAsync(
            connection,
            transaction,
            "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'queue_schema'",
            "SELECT version, oldest FROM queue_schema",
            Scripts,
            cancellationToken);

    public static async Task MigrateAsync(SqliteConnection connection, CancellationToken cancellationToken)
    {
        if ((await PendingAsync(connection, transaction: null, cancellationToken).ConfigureAwait(false)).Count == 0)
        {
            return;
        }

        using var transaction = connection.BeginTransaction(deferred: false);
        await SchemaMigration.ExecuteAsync(connection, transaction, CreateVersion, cancellationToken).ConfigureAwait(false);
        foreach (var script in await PendingAsync(connection, transaction, cancellationToken).ConfigureAwait(false))
        {
            var update = $"{script.Sql}\n{SchemaMigration.WriteVersion(script)}";
            await SchemaMigration.ExecuteAsync(connection, transaction, update, cancellationToken).ConfigureAwait(false);
        }

        transaction.Commit();
    }
}
