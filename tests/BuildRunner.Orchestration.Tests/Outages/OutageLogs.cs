using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Tests.Outages;

/// <summary>Counts what is logged, by its event and the exception.</summary>
internal sealed class OutageLogs : ILoggerProvider, ILogger
{
    private readonly ConcurrentDictionary<string, int> _counts = new();

    public IReadOnlyList<string> Lines => [.. _counts.OrderByDescending(static line => line.Value).Select(static line => $"{line.Value} x {line.Key}")];

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            var cause = exception is null ? formatter(state, exception) : $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")} {exception.InnerException?.GetType().Name}";
            _counts.AddOrUpdate($"{logLevel} {eventId.Name}: {cause}", 1, static (_, count) => count + 1);
        }
    }

    public void Dispose()
    {
    }
}
