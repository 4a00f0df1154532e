using System.Globalization;

namespace BuildRunner.Relational;

/// <summary>Selects and runs the scripts that a schema needs, with any driver.</summary>
internal static class SchemaMigration
{
    /// <summary>Gets the scripts of a package, embedded in the namespace of a type, in version order.</summary>
    public static IReadOnlyList<SchemaScript> Scripts(Type type) =>
        [new SchemaScript(1, 1, Read(type, "001-queue.sql")), new SchemaScript(3, 3, Read(type, "002-builds.sql"))];

    /// <summary>Gets the scripts to run, in order: none if the schema has a newer version that this program can serve. Reads only, so it
    /// needs no right to create and waits for no writer.</summary>
    /// <exception cref="InvalidOperationException">This program cannot serve the schema.</exception>
    public static async Task<IReadOnlyList<SchemaScript>> PendingAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string exists,
        string version,
        IReadOnlyList<SchemaScript> scripts,
        CancellationToken cancellationToken)
    {
        var count = await ScalarAsync(connection, transaction, exists, cancellationToken).ConfigureAwait(false);
        if (Convert.ToInt64(count, CultureInfo.InvariantCulture) == 0)
        {
            return scripts;
        }

        var command = Command(connection, transaction, version);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
                    ? Pending(reader.GetInt32(0), reader.GetInt32(1), scripts)
                    : scripts;
            }
        }
    }

    /// <summary>Gets the statements that record the version after a script, unless a newer program has recorded its own.</summary>
    public static string WriteVersion(SchemaScript script) => FormattableString.Invariant(
        $"""
        DELETE FROM queue_schema WHERE version < {script.Version};
        INSERT INTO queue_schema (version, oldest)
        SELECT {script.Version}, {script.Oldest} FROM (SELECT COUNT(*) AS newer FROM queue_schema) AS known WHERE newer = 0;
        """);

    public static async Task<object?> ScalarAsync(
        DbConnection connection, DbTransaction? transaction, string sql, CancellationToken cancellationToken, int? timeoutSeconds = null)
    {
        var command = Command(connection, transaction, sql);
        await using (command.ConfigureAwait(false))
        {
            command.CommandTimeout = timeoutSeconds ?? command.CommandTimeout;
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public static async Task ExecuteAsync(
        DbConnection connection, DbTransaction? transaction, string sql, CancellationToken cancellationToken)
    {
        var command = Command(connection, transaction, sql);
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Gets the error for missing tables that the program may not create.</summary>
    public static InvalidOperationException Missing(
        string database, IReadOnlyList<SchemaScript> pending, string options, string getScript) => new(
        $"The database '{database}' has "
        + (pending[0].Version == 1 ? "no tables of the queue" : $"queue tables of version {pending[0].Version - 1}")
        + $"; this program needs version {pending[^1].Version}, and {options}.CreateSchema is false. "
        + $"Run the script from {options}.{getScript} as a user who may create tables.");

    private static IReadOnlyList<SchemaScript> Pending(int version, int oldest, IReadOnlyList<SchemaScript> scripts)
    {
        var known = scripts[^1].Version;
        return oldest > known
            ? throw new InvalidOperationException(
                $"The queue's schema has version {version}, which needs programs of version {oldest} or newer; "
                + $"this one has version {known}. Update the BuildRunner packages of this program.")
            : version < known && scripts.All(script => script.Version != version)
            ? throw new InvalidOperationException(
                $"The queue's schema has version {version}, which was never released and cannot be updated to version {known}. "
                + "Delete the tables whose names begin with queue_, or use another database.")
            : [.. scripts.Where(script => script.Version > version)];
    }

    private static DbCommand Command(DbConnection connection, DbTransaction? transaction, string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
#pragma warning disable CA2100 // The text comes from a script, or has only checked names and numbers.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command;
    }

    private static string Read(Type type, string name)
    {
        using StreamReader reader = new(type.Assembly.GetManifestResourceStream(type, name)!);
        return reader.ReadToEnd();
    }
}

/// <summary>Represents one step of the schema, its version afterwards, and the oldest program version that can still serve it, which stays
/// while steps only add.</summary>
internal sealed record SchemaScript(int Version, int Oldest, string Sql);
