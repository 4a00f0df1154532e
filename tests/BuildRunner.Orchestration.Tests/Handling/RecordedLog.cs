using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Tests.Handling;

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordedLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Text)> _entries = [];

    public IReadOnlyCollection<(LogLevel Level, string Text)> Entries => _entries;

    /// <summary>Gets or sets a value indicating whether logging fails.</summary>
    public bool IsBroken { get; set; }

    public ILogger CreateLogger(string categoryName) => this;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsBroken)
        {
            throw new IOException("The disk of the log is full.");
        }

        _entries.Enqueue((logLevel, formatter(state, exception)));
    }

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Dispose()
    {
    }
}
