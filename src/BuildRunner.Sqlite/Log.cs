using Microsoft.Extensions.Logging;

namespace BuildRunner.Sqlite;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning,
        "The write-ahead log '{Path}' has {Size} MiB and grows, because another connection has a read transaction open. "
        + "Find and end it: a backup, a shell or a report on the file.")]
    public static partial void LogLarge(ILogger logger, string path, long size);

    [LoggerMessage(2, LogLevel.Information, "The write-ahead log '{Path}' shrank to {Size} MiB.")]
    public static partial void LogShrunk(ILogger logger, string path, long size);
}
