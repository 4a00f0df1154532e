using Microsoft.Data.Sqlite;

namespace BuildRunner.Sqlite.Writing;

/// <summary>How the file of a queue is opened.</summary>
internal static class SqliteFile
{
    // SQLite looks again and again by itself. The driver would as well, with longer pauses; its shortest timeout is over by then.
    private static readonly TimeSpan DefaultBusyTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Opens the file.</summary>
    /// <param name="connectionString">The connection string.</param>
    /// <param name="busyTimeout">How long a lock of another connection is waited for, or <see langword="null"/> for the default.</param>
    /// <param name="cacheKibibytes">How much of the file is kept in memory.</param>
    public static SqliteConnection Open(string connectionString, TimeSpan? busyTimeout, int cacheKibibytes = 65536)
    {
        SqliteConnection connection = new(new SqliteConnectionStringBuilder(connectionString) { Pooling = false, DefaultTimeout = 1 }.ToString());
        try
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = FormattableString.Invariant($"PRAGMA busy_timeout = {(int)(busyTimeout ?? DefaultBusyTimeout).TotalMilliseconds}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -{cacheKibibytes};");
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
