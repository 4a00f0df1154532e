using Microsoft.Data.Sqlite;

namespace BuildRunner.Sqlite.Writing;

/// <summary>How the file of a queue is opened.</summary>
internal static class SqliteFile
{
    // SQLite looks again and again by itself. The driver would as well, with longer pauses; its shortest timeout is over by then.
    private const int BusyTimeoutMilliseconds = 5000;

    public static SqliteConnection Open(string connectionString)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder(connectionString) { Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = FormattableString.Invariant($"PRAGMA busy_timeout = {BusyTimeoutMilliseconds}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            command.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
