using Microsoft.Extensions.Logging.Abstractions;

namespace BuildRunner.Queue;

/// <summary>Forwards to a logger and swallows its exceptions. It wraps every logger that enters a package: logging decides
/// nothing.</summary>
internal class HarmlessLogger(ILogger logger) : ILogger
{
    public static ILogger Of(ILoggerFactory? loggers) => Of(loggers?.CreateLogger("BuildRunner.Queue"));

    public static ILogger Of(ILogger? logger) => logger as HarmlessLogger ?? new HarmlessLogger(logger ?? NullLogger.Instance);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // There is nowhere left to report it.
        }
    }
}
