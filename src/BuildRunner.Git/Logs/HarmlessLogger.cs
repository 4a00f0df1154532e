using Microsoft.Extensions.Logging;

namespace BuildRunner.Git.Logs;

/// <summary>Passes what is logged on, and lets no fault of the logger out: no build is to fail, nor to be without an end, because of it.</summary>
internal sealed class HarmlessLogger(ILogger logger) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => logger.BeginScope(state);

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

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // What is broken is what it would be told to.
        }
    }
}
