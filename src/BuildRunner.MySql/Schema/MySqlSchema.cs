using System.Globalization;

namespace BuildRunner.MySql.Schema;

/// <summary>Updates the tables under a lock that excludes other migrations. The server cannot roll back such statements, so each can run
/// again.</summary>
internal static class MySqlSchema
{
    private const string LockName = "CONCAT('queue_schema_', MD5(DATABASE()))";
    private const int LockSeconds = 60;

    // These compare exactly. The one that both servers have, utf8mb4_bin, ignores trailing spaces.
    public const string MariaDbCollation = "utf8mb4_nopad_bin";
    public const string MySqlCollation = "utf8mb4_0900_bin";

    private const string CreateVersion =
        "CREATE TABLE IF NOT EXISTS queue_schema (version INTEGER NOT NULL PRIMARY KEY, oldest INTEGER NOT NULL) ENGINE = InnoDB";

    private static readonly IReadOnlyList<SchemaScript> Scripts = SchemaMigration.Scripts(typeof(MySqlSchema));

    /// <summary>Gets the scripts to run.</summary>
    public static Task<IReadOnlyList<SchemaScript>> PendingAsync(
        MySqlConnection connection, DbTransaction? transaction, CancellationToken cancellationToken) =>
        SchemaMigration.PendingAsync(
            connection,
            transaction,
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'queue_schema'",
            "SELECT version, oldest FROM queue_schema",
            Scripts,
            cancellationToken);

    /// <summary>Gets a script that does what <see cref="MigrateAsync"/> does. It can be run again.</summary>
    public static string GetScript(string collation) => string.Join(
        "\n",
        [
            $"{CreateVersion};",
            .. Scripts.Select(script => Collated(script, collation)),
            WriteVersion(Scripts[^1]),
            "",
        ]);

    /// <summary>Throws if the tables are not up to date. The server throws if the user may not write to them.</summary>
    public static async Task CheckAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        var pending = await PendingAsync(connection, transaction: null, cancellationToken).ConfigureAwait(false);
        if (pending.Count > 0)
        {
            var getScript = await ReadCollationAsync(connection, cancellationToken).ConfigureAwait(false) == MariaDbCollation
                ? nameof(MySqlOptions.GetMariaDbSchemaScript)
                : nameof(MySqlOptions.GetMySqlSchemaScript);
            throw SchemaMigration.Missing(connection.Database, pending, nameof(MySqlOptions), getScript);
        }

        (string Table, string Column)[] tables =
        [
            ("queue_messages", "seq"), ("queue_partitions", "ready_at"), ("queue_writer", "seen_at"), ("queue_builds", "version"),
            ("queue_build_documents", "version"),
        ];
        foreach (var (table, column) in tables)
        {
            var writesNothing = $"SET SESSION sql_safe_updates = 0; INSERT INTO {table} SELECT * FROM {table} WHERE FALSE; "
                + $"UPDATE {table} SET {column} = {column} WHERE FALSE; DELETE FROM {table} WHERE FALSE";
            await ExecuteAsync(connection, writesNothing, cancellationToken).ConfigureAwait(false);
        }
    }

    public static async Task MigrateAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        if ((await PendingAsync(connection, transaction: null, cancellationToken).ConfigureAwait(false)).Count == 0)
        {
            return;
        }

        await LockAsync(connection, cancellationToken).ConfigureAwait(false);
        try
        {
            await ExecuteAsync(connection, CreateVersion, cancellationToken).ConfigureAwait(false);
            var collation = await ReadCollationAsync(connection, cancellationToken).ConfigureAwait(false);
            foreach (var script in await PendingAsync(connection, transaction: null, cancellationToken).ConfigureAwait(false))
            {
                await ExecuteAsync(connection, Collated(script, collation), cancellationToken).ConfigureAwait(false);
                await ExecuteAsync(connection, WriteVersion(script), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await UnlockAsync(connection).ConfigureAwait(false);
        }
    }

    private static string Collated(SchemaScript script, string collation) =>
        script.Sql.Replace("{collation}", collation, StringComparison.Ordinal);

    // The server's default may refuse a delete, depending on how it finds the rows.
    private static string WriteVersion(SchemaScript script) =>
        $"SET SESSION sql_safe_updates = 0;\nSTART TRANSACTION;\n{SchemaMigration.WriteVersion(script)}\nCOMMIT;";

    private static async Task UnlockAsync(MySqlConnection connection)
    {
        try
        {
            await ExecuteAsync(connection, $"DO RELEASE_LOCK({LockName})", CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The first failure is thrown. The lock ends with the connection, which is not used again.
            await MySqlConnection.ClearPoolAsync(connection, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task<string> ReadCollationAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        const string Collation =
            $"SELECT collation_name FROM information_schema.collations WHERE collation_name IN ('{MariaDbCollation}', '{MySqlCollation}') "
            + "ORDER BY collation_name DESC LIMIT 1";
        return await SchemaMigration.ScalarAsync(connection, null, Collation, cancellationToken).ConfigureAwait(false) as string
            ?? throw new InvalidOperationException(
                $"The server has neither the collation {MariaDbCollation} nor {MySqlCollation}, so it cannot compare ids exactly. "
                + "The queue needs MariaDB 10.6 or newer, or MySQL 8.0.1 or newer.");
    }

    private static async Task LockAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        var getLock = FormattableString.Invariant($"SELECT COALESCE(GET_LOCK({LockName}, {LockSeconds}), 0)");
        var isLocked = await SchemaMigration.ScalarAsync(connection, null, getLock, cancellationToken, 2 * LockSeconds)
            .ConfigureAwait(false);
        if (Convert.ToInt32(isLocked, CultureInfo.InvariantCulture) != 1)
        {
            throw new TimeoutException(
                $"Another process has been changing the queue's schema for {LockSeconds} seconds; start again when it is done.");
        }
    }

    private static Task ExecuteAsync(MySqlConnection connection, string sql, CancellationToken cancellationToken) =>
        SchemaMigration.ExecuteAsync(connection, transaction: null, sql, cancellationToken);
}
