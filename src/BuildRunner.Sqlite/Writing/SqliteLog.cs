using Microsoft.Extensions.Logging;

namespace BuildRunner.Sqlite.Writing;

/// <summary>Watches the write-ahead log, which grows while another connection has an open read transaction. Used by the writer.</summary>
internal sealed partial class SqliteLog(SqliteFile file, long maxSize, ILogger logger)
{
    /// <summary>The size of the log above which a warning is logged.</summary>
    public const long DefaultMaxSize = 256 * Mebibyte;

    /// <summary>The size to which a large log shrinks when all of it is in the file.</summary>
    public const long KeptSize = 64 * Mebibyte;

    private const long Mebibyte = 1024 * 1024;

    private bool _isLarge;

    public void Look(SqliteStatements statements)
    {
        var size = new FileInfo(file.LogPath) is { Exists: true } log ? log.Length : 0;
        if (_isLarge && size <= maxSize)
        {
            _isLarge = false;
            LogShrunk(logger, file.LogPath, size / Mebibyte);
        }
        else if (!_isLarge && size > maxSize && IsBlocked(statements))
        {
            _isLarge = true;
            LogLarge(logger, file.LogPath, size / Mebibyte);
        }
    }

    // A log that is all in the file is restarted by the next write.
    private static bool IsBlocked(SqliteStatements statements) =>
        statements.Get("PRAGMA wal_checkpoint(PASSIVE)").ReadOne(static row => row.Int64(2) < row.Int64(1));

    [LoggerMessage(1, LogLevel.Warning,
        "The write-ahead log '{Path}' has {Size} MiB and grows, because another connection has a read transaction open. "
        + "Find and end it: a backup, a shell or a report on the file.")]
    private static partial void LogLarge(ILogger logger, string path, long size);

    [LoggerMessage(2, LogLevel.Information, "The write-ahead log '{Path}' shrank to {Size} MiB.")]
    private static partial void LogShrunk(ILogger logger, string path, long size);
}
