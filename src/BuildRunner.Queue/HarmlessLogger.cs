using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace BuildRunner.Queue;

/// <summary>Passes what is logged on, and lets no fault of the logger out. Every logger is wrapped in one where it enters a package, so
/// that logging decides nothing.</summary>
internal class HarmlessLogger(ILogger logger) : ILogger
{
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
            // There is nobody left to tell.
        }
    }
}
