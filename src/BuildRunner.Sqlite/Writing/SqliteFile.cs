namespace BuildRunner.Sqlite.Writing;

/// <summary>Resolves the path of a queue's file, opens it, and checks that it is still the file that was opened first. Safe for use by
/// several threads.</summary>
internal sealed class SqliteFile : IDisposable
{
    private const int ReadOnly = 8;

    // SQLite retries by itself. The driver would retry too, with longer pauses; its shortest time-out is over by then.
    private static readonly TimeSpan DefaultBusyTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly string _connectionString;
    private readonly TimeSpan? _busyTimeout;
    private SqliteConnection? _first;
    private bool _isDisposed;

    public SqliteFile(string connectionString, TimeSpan? busyTimeout = null)
    {
        SqliteConnectionStringBuilder builder = new(connectionString) { Pooling = false, DefaultTimeout = 1 };
        (builder.DataSource, Path) = SqlitePath.Resolve(builder.DataSource);
        _connectionString = builder.ToString();
        _busyTimeout = busyTimeout;
    }

    public string Path { get; }

    public string LogPath => Path + "-wal";

    /// <summary>Opens the file, unless it is not the one that was opened first. The log shrinks to a size in bytes when all of it is in the
    /// file.</summary>
    public SqliteConnection Open(int cacheKibibytes = 65536, long logLimit = SqliteLog.KeptSize)
    {
        ThrowIfMoved();
        var connection = OpenConnection();
        try
        {
            using var command = connection.CreateCommand();
            var busyTimeout = (int)(_busyTimeout ?? DefaultBusyTimeout).TotalMilliseconds;
            command.CommandText = FormattableString.Invariant(
                $"""
                PRAGMA busy_timeout = {busyTimeout}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
                PRAGMA cache_size = -{cacheKibibytes}; PRAGMA journal_size_limit = {logLimit};
                """);
            command.ExecuteNonQuery();

            // The file may have been replaced before it was opened.
            ThrowIfMoved();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Checks that the path still leads to the file that was opened first. Otherwise a new connection would find another queue,
    /// and writes of an open one would be lost.</summary>
    public void ThrowIfMoved()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(SqliteQueueDatabase));

            // Used for nothing else: while it is open, no other file can have the same identity.
            _first ??= OpenConnection();
            if (MovedFile.HasMoved(_first))
            {
                throw new SqliteException(
                    $"The SQLite file '{Path}' was deleted, moved or replaced while it was in use. Put it back with its '-wal' file "
                    + "to continue, or restart the program to use the file that is there now.",
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
            var reason = Directory.Exists(directory)
                ? exception.Message
                : $"The directory '{directory}' does not exist. Create it, or change the path.";
            throw new SqliteException(
                $"Could not open the SQLite file '{Path}'. {reason}", exception.SqliteErrorCode, exception.SqliteExtendedErrorCode);
        }
    }
}
