using Microsoft.Extensions.Logging;

namespace BuildRunner.MySql;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning,
        "The server reports the version '{Version}'. It skips locked rows, as the queue needs, but only MariaDB is tested.")]
    public static partial void NotTried(ILogger logger, string version);
}
