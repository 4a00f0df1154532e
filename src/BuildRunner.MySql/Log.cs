using Microsoft.Extensions.Logging;

namespace BuildRunner.MySql;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "The server says that it is '{Version}'. It skips locked rows, as the queue needs, but this package is tested against MariaDB alone.")]
    public static partial void NotTried(ILogger logger, string version);
}
