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

    private static readonly IReadOnlyList<SchemaScript> Scripts = SchemaMigration.Scripts(typeof(PostgreSqlSchema));

    /// <summary>Gets the scripts to run.</summary>
    public Task<IReadOnlyList<SchemaScript>> PendingAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        SchemaMigration.PendingAsync(
            connection,
            transaction: null,

            // In the schema of the tables, and nowhere else on the search path.
            $"SELECT COUNT(*) FROM pg_tables WHERE schemaname = {tables.SchemaLiteral} AND tablename = 'queue_schema'",
            tables.Qualify("SELECT version, oldest FROM queue_schema"),
            Scripts,
            cancellationToken);

    /// <summary>Gets a script that does what <see cref="MigrateAsync"/> does. It can be run again.</summary>
    public string GetScript() => string.Join(
        "\n",
        [
            "BEGIN;",
            tables.CreateSchema is { } createSchema ? $"{createSchema};" : "",
            $"{tables.Qualify(CreateVersion)};",
            .. Scripts.Select(script => tables.Qualify(script.Sql)),
            tables.Qualify(SchemaMigration.WriteVersion(Scripts[^1])),
            "COMMIT;",
            "",
        ]);

    /// <summary>Throws if the tables are not up to date, or the user may not write to them.</summary>
    public async Task CheckAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var pending = await PendingAsync(connection, cancellationToken).ConfigureAwait(false);
        if (pending.Count > 0)
        {
            throw SchemaMigration.Missing(
                connection.Database, pending, nameof(PostgreSqlOptions), nameof(PostgreSqlOptions.GetSchemaScript));
        }

        if (await ReadAsync(connection, tables.Qualify(MissingRights), cancellationToken).ConfigureAwait(false) is { } missing)
        {
            throw new InvalidOperationException(
                $"The user '{connection.UserName}' lacks rights in the database '{connection.Database}'; grant {missing}.");
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
            var createSchema = tables.CreateSchema is { } create ? $"{create}; " : "";
            var begin = FormattableString.Invariant($"SELECT pg_advisory_xact_lock({Lock}); {createSchema}{CreateVersion}");
            await ExecuteAsync(connection, begin, cancellationToken).ConfigureAwait(false);
            foreach (var script in await PendingAsync(connection, cancellationToken).ConfigureAwait(false))
            {
                await ExecuteAsync(connection, script.Sql, cancellationToken).ConfigureAwait(false);
                await ExecuteAsync(connection, SchemaMigration.WriteVersion(script), cancellationToken).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Throws if the database cannot hold a queue.</summary>
    public static async Task CheckServerAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var encoding = await ReadAsync(connection, "SELECT current_setting('server_encoding')", cancellationToken).ConfigureAwait(false);
        if (encoding != "UTF8")
        {
            throw new InvalidOperationException(
                $"The database '{connection.Database}' has the encoding {encoding}, but the queue needs UTF8. Create one with: "
                + "CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0.");
        }
    }

    private static async Task<string?> ReadAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken) =>
        await SchemaMigration.ScalarAsync(connection, transaction: null, sql, cancellationToken).ConfigureAwait(false) as string;

    private Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken) =>
        SchemaMigration.ExecuteAsync(connection, transaction: null, tables.Qualify(sql), cancellationToken);
}
