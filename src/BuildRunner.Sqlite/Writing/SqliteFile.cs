using Microsoft.Data.Sqlite;

namespace BuildRunner.Sqlite.Writing;

/// <summary>The file of a queue: where it is, how it is opened, and whether it is still the one that was opened first.</summary>
/// <remarks>Safe for use by several threads.</remarks>
internal sealed class SqliteFile : IDisposable
{
    private const int ReadOnly = 8;

    // SQLite retries by itself. The driver would as well, with longer pauses; its shortest timeout is over by then.
    private static readonly TimeSpan DefaultBusyTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly string _connectionString;
    private readonly TimeSpan? _busyTimeout;
    private SqliteConnection? _first;
    private bool _isDisposed;

    /// <param name="connectionString">The connection string. Its path counts from the directory that is the current one now.</param>
    /// <param name="busyTimeout">How long a lock of another connection is waited for, or <see langword="null"/> for the default.</param>
    public SqliteFile(string connectionString, TimeSpan? busyTimeout = null)
    {
        SqliteConnectionStringBuilder builder = new(connectionString) { Pooling = false, DefaultTimeout = 1 };
        (builder.DataSource, Path) = SqlitePath.Resolve(builder.DataSource);
        _connectionString = builder.ToString();
        _busyTimeout = busyTimeout;
    }

    /// <summary>Gets the full path.</summary>
    public string Path { get; }

    /// <summary>Gets the path of the write-ahead log.</summary>
    public string LogPath => Path + "-wal";

    /// <summary>Opens the file.</summary>
    /// <param name="cacheKibibytes">How much of the file is kept in memory.</param>
    /// <param name="logLimit">To how many bytes the write-ahead log shrinks when all of it is in the file.</param>
    /// <exception cref="SqliteException">It cannot be opened, or it is not the one that was opened first.</exception>
    public SqliteConnection Open(int cacheKibibytes = 65536, long logLimit = SqliteLog.KeptSize)
    {
        ThrowIfMoved();
        var connection = OpenConnection();
        try
        {
            using var command = connection.CreateCommand();
            command.CommandText = FormattableString.Invariant($"PRAGMA busy_timeout = {(int)(_busyTimeout ?? DefaultBusyTimeout).TotalMilliseconds}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -{cacheKibibytes}; PRAGMA journal_size_limit = {logLimit};");
            command.ExecuteNonQuery();

            // It may have been another one when it was opened.
            ThrowIfMoved();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Sees that the path still leads to the file that was opened first. What another connection finds there would be another queue, and what an open one writes would be lost.</summary>
    /// <exception cref="SqliteException">It does not, or the file cannot be opened at all.</exception>
    public void ThrowIfMoved()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteQueueDatabase));

            // It is never used otherwise: as long as it is open, no other file can have the same identity.
            _first ??= OpenConnection();
            if (MovedFile.HasMoved(_first))
            {
                throw new SqliteException(
                    $"The SQLite file '{Path}' was deleted, moved or replaced while it was in use. Put it back, with its '-wal' file, and the queue goes on; or restart the program to use what is there now.",
                    ReadOnly,
                    MovedFile.ReadOnlyMoved);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _first?.Dispose();
        }
    }

    private SqliteConnection OpenConnection()
    {
        SqliteConnection connection = new(_connectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            var directory = System.IO.Path.GetDirectoryName(Path);
            var reason = Directory.Exists(directory) ? exception.Message : $"The directory '{directory}' does not exist. Create it, or change the path.";
            throw new SqliteException($"The SQLite file '{Path}' cannot be opened. {reason}", exception.SqliteErrorCode, exception.SqliteExtendedErrorCode);
        }
    }
}
