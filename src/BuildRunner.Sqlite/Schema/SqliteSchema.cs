using BuildRunner.Relational;
using Microsoft.Data.Sqlite;

namespace BuildRunner.Sqlite.Schema;

/// <summary>Brings the schema of a file up to date in one transaction that blocks all other writers.</summary>
internal static class SqliteSchema
{
    public static IReadOnlyList<SchemaScript> Scripts { get; } =
        [new SchemaScript(1, 1, Read("001-queue.sql")), new SchemaScript(3, 3, Read("002-builds.sql"))];

    /// <summary>Gets the scripts to run. It only reads, so it does not wait for a writer.</summary>
    public static IReadOnlyList<SchemaScript> Pending(SqliteConnection connection, SqliteTransaction? transaction) =>
        SchemaMigration.Pending(ReadVersion(connection, transaction), Scripts);

    public static void Migrate(SqliteConnection connection)
    {
        if (Pending(connection, transaction: null).Count == 0)
        {
            return;
        }

        using var transaction = connection.BeginTransaction(deferred: false);
        Execute(connection, transaction, "CREATE TABLE IF NOT EXISTS queue_schema (version INTEGER NOT NULL, oldest INTEGER NOT NULL)");
        foreach (var script in Pending(connection, transaction))
        {
            Execute(connection, transaction, script.Sql);
            Execute(connection, transaction, FormattableString.Invariant(
                $"DELETE FROM queue_schema; INSERT INTO queue_schema (version, oldest) VALUES ({script.Version}, {script.Oldest})"));
        }

        transaction.Commit();
    }

    private static SchemaVersion? ReadVersion(SqliteConnection connection, SqliteTransaction? transaction)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'queue_schema'";
        if (command.ExecuteScalar() is not > 0L)
        {
            return null;
        }

        command.CommandText = "SELECT version, oldest FROM queue_schema";
        using var reader = command.ExecuteReader();
        return reader.Read() ? new SchemaVersion(reader.GetInt32(0), reader.GetInt32(1)) : null;
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction transaction, string sql)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static string Read(string name)
    {
        var assembly = typeof(SqliteSchema).Assembly;
        using StreamReader reader = new(assembly.GetManifestResourceStream($"BuildRunner.Sqlite.Schema.{name}")!);
        return reader.ReadToEnd();
    }
}
