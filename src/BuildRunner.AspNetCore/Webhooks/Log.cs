using Microsoft.Extensions.Logging;

namespace BuildRunner.AspNetCore.Webhooks;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "A webhook of the runner '{Runner}' is not authentic.")]
    public static partial void NotAuthentic(ILogger logger, string runner);

    [LoggerMessage(2, LogLevel.Warning, "The body of a webhook of the runner '{Runner}' was not read, because too many are being read.")]
    public static partial void TooMany(ILogger logger, string runner);

    // What the exception says may have something of the body, or a secret.
    [LoggerMessage(3, LogLevel.Error, "The runner '{Runner}' could not read a webhook: {Exception}\n{StackTrace}")]
    public static partial void NotRead(ILogger logger, string runner, Type exception, string? stackTrace);

    [LoggerMessage(4, LogLevel.Error, "A webhook of the runner '{Runner}' could not be saved; its builds are polled at their time.")]
    public static partial void NotSaved(ILogger logger, string runner, Exception exception);
}
