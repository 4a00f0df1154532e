using BuildRunner.Sqlite.Sessions;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Sqlite.Writing;

/// <summary>Watches the write-ahead log, which grows while another connection has an open read transaction. Used by the writer.</summary>
internal sealed class SqliteLog(SqliteFile file, long maxSize, ILogger logger)
{
    /// <summary>The size of the log above which a warning is logged: 256 MiB.</summary>
    public const long DefaultMaxSize = 256 * 1024 * 1024;

    /// <summary>The size to which a large log shrinks when all of it is in the file: 64 MiB.</summary>
    public const long KeptSize = 64 * 1024 * 1024;

    private bool _isLarge;

    public void Look(SqliteStatements statements)
    {
        var size = new FileInfo(file.LogPath) is { Exists: true } log ? log.Length : 0;
        if (_isLarge && size <= maxSize)
        {
            _isLarge = false;
            Log.LogShrunk(logger, file.LogPath, Mebibytes(size));
        }
        else if (!_isLarge && size > maxSize && IsBlocked(statements))
        {
            _isLarge = true;
            Log.LogLarge(logger, file.LogPath, Mebibytes(size));
        }
    }

    private static long Mebibytes(long bytes) => bytes / (1024 * 1024);

    // A log that is all in the file is restarted by the next write.
    private static bool IsBlocked(SqliteStatements statements)
    {
        var row = statements.Get("PRAGMA wal_checkpoint(PASSIVE)");
        row.Step();
        var (pages, copied) = (row.Int64(1), row.Int64(2));
        row.Reset();
        return copied < pages;
    }
}
