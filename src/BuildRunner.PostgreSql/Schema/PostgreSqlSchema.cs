using BuildRunner.Relational;
using Npgsql;

namespace BuildRunner.PostgreSql.Schema;

/// <summary>Updates the tables in one transaction that excludes other migrations, or checks that they are up to date.</summary>
internal sealed class PostgreSqlSchema(PostgreSqlTables tables)
{
    // An arbitrary number: the first bytes of "queue_schema".
    private const long Lock = 0x71756575655F7363;

    private const string CreateVersion =
        "CREATE TABLE IF NOT EXISTS queue_schema (version INTEGER NOT NULL, oldest INTEGER NOT NULL)";

    private const string MissingRights =
        "SELECT string_agg(r.name || ' on ' || t.name, ', ') "
        + "FROM unnest(ARRAY['queue_messages', 'queue_partitions', 'queue_builds', 'queue_build_documents']) AS t (name), "
        + "unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS r (name) WHERE NOT has_table_privilege(t.name, r.name)";

    public static IReadOnlyList<SchemaScript> Scripts { get; } =
        [new SchemaScript(1, 1, Read("001-queue.sql")), new SchemaScript(3, 3, Read("002-builds.sql"))];

    /// <summary>Gets the scripts to run. Reads only, so it needs no right to create.</summary>
    public async Task<IReadOnlyList<SchemaScript>> PendingAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        SchemaMigration.Pending(await ReadVersionAsync(connection, cancellationToken).ConfigureAwait(false), Scripts);

    /// <summary>Gets a script that does what <see cref="MigrateAsync"/> does. It can be run again.</summary>
    public string GetScript() => string.Join(
        "\n",
        [
            "BEGIN;",
            tables.CreateSchema is { } createSchema ? $"{createSchema};" : "",
            $"{tables.Qualify(CreateVersion)};",
            .. Scripts.Select(script => tables.Qualify(script.Sql)),
            $"{tables.Qualify(WriteVersion(Scripts[^1]))};",
            "COMMIT;",
            "",
        ]);

    /// <summary>Throws if the tables are not up to date, or the user may not write to them.</summary>
    public async Task CheckAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var pending = await PendingAsync(connection, cancellationToken).ConfigureAwait(false);
        if (pending.Count > 0)
        {
            throw new InvalidOperationException(SchemaMigration.Missing(
                $"The database '{connection.Database}'", pending, nameof(PostgreSqlOptions), nameof(PostgreSqlOptions.GetSchemaScript)));
        }

        NpgsqlCommand command = new(tables.Qualify(MissingRights), connection);
        await using (command.ConfigureAwait(false))
        {
            if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string missing)
            {
                throw new InvalidOperationException(
                    $"The user '{connection.UserName}' lacks rights in the database '{connection.Database}'; grant {missing}.");
            }
        }
    }

    public async Task MigrateAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        if ((await PendingAsync(connection, cancellationToken).ConfigureAwait(false)).Count == 0)
        {
            return;
        }

        var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            var wait = FormattableString.Invariant($"SELECT pg_advisory_xact_lock({Lock})");
            await ExecuteAsync(connection, wait, cancellationToken).ConfigureAwait(false);
            if (tables.CreateSchema is { } createSchema)
            {
                await ExecuteAsync(connection, createSchema, cancellationToken).ConfigureAwait(false);
            }

            await ExecuteAsync(connection, CreateVersion, cancellationToken).ConfigureAwait(false);
            foreach (var script in await PendingAsync(connection, cancellationToken).ConfigureAwait(false))
            {
                await ExecuteAsync(connection, script.Sql, cancellationToken).ConfigureAwait(false);
                await ExecuteAsync(connection, WriteVersion(script), cancellationToken).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static string WriteVersion(SchemaScript script) => FormattableString.Invariant(
        $"DELETE FROM queue_schema; INSERT INTO queue_schema (version, oldest) VALUES ({script.Version}, {script.Oldest})");

    private async Task<SchemaVersion?> ReadVersionAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // In the schema of the tables, and nowhere else on the search path.
#pragma warning disable CA2100 // The schema has no character with a meaning in quotes.
        NpgsqlCommand command = new(
            $"SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = {tables.SchemaLiteral} AND tablename = 'queue_schema')",
            connection);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not true)
            {
                return null;
            }

            command.CommandText = tables.Qualify("SELECT version, oldest FROM queue_schema");
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
                    ? new SchemaVersion(reader.GetInt32(0), reader.GetInt32(1))
                    : null;
            }
        }
    }

    private async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // The text comes from a script, or has only numbers.
        NpgsqlCommand command = new(tables.Qualify(sql), connection);
#pragma warning restore CA2100
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static string Read(string name)
    {
        using StreamReader reader = new(
            typeof(PostgreSqlSchema).Assembly.GetManifestResourceStream($"BuildRunner.PostgreSql.Schema.{name}")!);
        return reader.ReadToEnd();
    }
}
