using Microsoft.Extensions.Logging;

namespace BuildRunner.AspNetCore.Webhooks;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Rejected a webhook of the runner '{Runner}' that is not authentic.")]
    public static partial void NotAuthentic(ILogger logger, string runner);

    [LoggerMessage(2, LogLevel.Warning, "Rejected a webhook of the runner '{Runner}' because too many bodies are being read.")]
    public static partial void TooMany(ILogger logger, string runner);

    // Without the exception's message, which may contain parts of the body or a secret.
    [LoggerMessage(3, LogLevel.Error, "Could not read a webhook of the runner '{Runner}': {Exception}\n{StackTrace}")]
    public static partial void NotRead(ILogger logger, string runner, Type exception, string? stackTrace);

    [LoggerMessage(4, LogLevel.Error, "Could not save a webhook of the runner '{Runner}'; its builds will be polled at the usual time.")]
    public static partial void NotSaved(ILogger logger, string runner, Exception exception);
}
