using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Telemetry;

/// <summary>A log whose failures concern nobody: what is logged was done before, and a provider that throws changes nothing of
/// it.</summary>
internal sealed class HarmlessLogger<T>(ILogger<T> logger) : ILogger<T>
{
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

    public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            logger.Log(level, id, state, exception, formatter);
        }
        catch (Exception)
        {
            // There is nobody left to tell.
        }
    }
}
