using System.Globalization;
using BuildRunner.MySql.Sessions;
using BuildRunner.Relational;
using MySqlConnector;

namespace BuildRunner.MySql.Schema;

/// <summary>Updates the tables under a lock that excludes other migrations. The server cannot roll back such statements, so each can run
/// again.</summary>
internal static class MySqlSchema
{
    private const string LockName = "CONCAT('queue_schema_', MD5(DATABASE()))";
    private const int LockSeconds = 60;

    // These compare exactly. The one that both servers have, utf8mb4_bin, ignores trailing spaces.
    private const string MariaDbCollation = "utf8mb4_nopad_bin";
    private const string MySqlCollation = "utf8mb4_0900_bin";

    private const string CreateVersion =
        "CREATE TABLE IF NOT EXISTS queue_schema (version INTEGER NOT NULL PRIMARY KEY, oldest INTEGER NOT NULL) ENGINE = InnoDB";

    public static IReadOnlyList<SchemaScript> Scripts { get; } =
        [new SchemaScript(1, 1, Read("001-queue.sql")), new SchemaScript(3, 3, Read("002-builds.sql"))];

    /// <summary>Gets the scripts to run. Reads only, so it needs no right to create.</summary>
    public static async Task<IReadOnlyList<SchemaScript>> PendingAsync(
        MySqlConnection connection, MySqlTransaction? transaction, CancellationToken cancellationToken) =>
        SchemaMigration.Pending(await ReadVersionAsync(connection, transaction, cancellationToken).ConfigureAwait(false), Scripts);

    /// <summary>Gets a script that does what <see cref="MigrateAsync"/> does. It can be run again.</summary>
    public static string GetScript(bool isMariaDb) => string.Join(
        "\n",
        [
            $"{CreateVersion};",
            .. Scripts.Select(script => Collated(script, isMariaDb ? MariaDbCollation : MySqlCollation)),
            $"{WriteVersion(Scripts[^1])};",
            "",
        ]);

    /// <summary>Throws if the tables are not up to date. The server throws if the user may not write to them.</summary>
    public static async Task CheckAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        var pending = await PendingAsync(connection, transaction: null, cancellationToken).ConfigureAwait(false);
        if (pending.Count > 0)
        {
            throw new InvalidOperationException(SchemaMigration.Missing(
                $"The database '{connection.Database}'", pending, nameof(MySqlOptions), nameof(MySqlOptions.GetSchemaScript)));
        }

        (string Table, string Column)[] tables =
            [("queue_messages", "seq"), ("queue_partitions", "ready_at"), ("queue_builds", "version"), ("queue_build_documents", "version")];
        foreach (var (table, column) in tables)
        {
            var writesNothing = $"{MySqlReads.AllowUpdates}; INSERT INTO {table} SELECT * FROM {table} WHERE FALSE; "
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

    private static string WriteVersion(SchemaScript script) => string.Create(
        CultureInfo.InvariantCulture,
        $"{MySqlReads.AllowUpdates}; START TRANSACTION; DELETE FROM queue_schema; INSERT INTO queue_schema (version, oldest) "
        + $"VALUES ({script.Version}, {script.Oldest}); COMMIT");

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
        MySqlCommand command = new(
            $"SELECT collation_name FROM information_schema.collations WHERE collation_name IN ('{MariaDbCollation}', '{MySqlCollation}') "
            + "ORDER BY collation_name DESC LIMIT 1",
            connection);
        await using (command.ConfigureAwait(false))
        {
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string
                ?? throw new InvalidOperationException(
                    $"The server has neither the collation {MariaDbCollation} nor {MySqlCollation}, so it cannot compare ids exactly. "
                    + "The queue needs MariaDB 10.6 or newer, or MySQL 8.0.1 or newer.");
        }
    }

    private static async Task LockAsync(MySqlConnection connection, CancellationToken cancellationToken)
    {
        MySqlCommand command = new(FormattableString.Invariant($"SELECT GET_LOCK({LockName}, {LockSeconds})"), connection)
        {
            CommandTimeout = 2 * LockSeconds,
        };
        await using (command.ConfigureAwait(false))
        {
            var isLocked = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            if (isLocked is null or DBNull || Convert.ToInt32(isLocked, CultureInfo.InvariantCulture) != 1)
            {
                throw new TimeoutException(
                    $"Another process has been changing the queue's schema for {LockSeconds} seconds; start again when it is done.");
            }
        }
    }

    private static async Task<SchemaVersion?> ReadVersionAsync(
        MySqlConnection connection, MySqlTransaction? transaction, CancellationToken cancellationToken)
    {
        MySqlCommand command = new(
            "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'queue_schema'",
            connection,
            transaction);
        await using (command.ConfigureAwait(false))
        {
            var count = await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
            if (Convert.ToInt64(count, CultureInfo.InvariantCulture) == 0)
            {
                return null;
            }

            command.CommandText = "SELECT version, oldest FROM queue_schema";
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
                    ? new SchemaVersion(reader.GetInt32(0), reader.GetInt32(1))
                    : null;
            }
        }
    }

    private static async Task ExecuteAsync(MySqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // The text comes from a script, or has only numbers.
        MySqlCommand command = new(sql, connection);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Read(string name)
    {
        using StreamReader reader = new(
            typeof(MySqlSchema).Assembly.GetManifestResourceStream($"BuildRunner.MySql.Schema.{name}")!);
        return reader.ReadToEnd();
    }
}
