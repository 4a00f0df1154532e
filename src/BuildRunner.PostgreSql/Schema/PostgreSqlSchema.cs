using BuildRunner.Relational;
using Npgsql;

namespace BuildRunner.PostgreSql.Schema;

/// <summary>Brings the schema of a database up to date, in one transaction that keeps out all other migrations.</summary>
internal static class PostgreSqlSchema
{
    // Any number that nobody else takes: the first bytes of "queue_schema".
    private const long Lock = 0x71756575655F7363;

    public static IReadOnlyList<SchemaScript> Scripts { get; } = [new SchemaScript(1, 1, Read("001-queue.sql")), new SchemaScript(2, 1, Read("002-builds.sql"))];

    /// <summary>Gets what is to be run. It only reads, so it needs no right to create anything.</summary>
    public static async Task<IReadOnlyList<SchemaScript>> PendingAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        SchemaMigration.Pending(await ReadVersionAsync(connection, cancellationToken).ConfigureAwait(false), Scripts);

    public static async Task MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if ((await PendingAsync(connection, cancellationToken).ConfigureAwait(false)).Count == 0)
        {
            return;
        }

        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await ExecuteAsync(connection, FormattableString.Invariant($"SELECT pg_advisory_xact_lock({Lock})"), cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(connection, "CREATE TABLE IF NOT EXISTS queue_schema (version INTEGER NOT NULL, oldest INTEGER NOT NULL)", cancellationToken).ConfigureAwait(false);
            foreach (var script in await PendingAsync(connection, cancellationToken).ConfigureAwait(false))
            {
                await ExecuteAsync(connection, script.Sql, cancellationToken).ConfigureAwait(false);
                await ExecuteAsync(connection, FormattableString.Invariant($"DELETE FROM queue_schema; INSERT INTO queue_schema (version, oldest) VALUES ({script.Version}, {script.Oldest})"), cancellationToken).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<SchemaVersion?> ReadVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // Where the tables are made, and nowhere else on the search path.
        NpgsqlCommand command = new("SELECT to_regclass(quote_ident(current_schema()) || '.queue_schema') IS NOT NULL", connection);
        await using (command.ConfigureAwait(false))
        {
            if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not true)
            {
                return null;
            }

            command.CommandText = "SELECT version, oldest FROM queue_schema";
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? new SchemaVersion(reader.GetInt32(0), reader.GetInt32(1)) : null;
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // The text is that of a script, or of numbers.
        NpgsqlCommand command = new(sql, connection);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Read(string name)
    {
        using StreamReader reader = new(typeof(PostgreSqlSchema).Assembly.GetManifestResourceStream($"BuildRunner.PostgreSql.Schema.{name}")!);
        return reader.ReadToEnd();
    }
}
