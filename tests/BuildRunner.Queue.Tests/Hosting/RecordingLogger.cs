using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Tests.Hosting;

/// <summary>Keeps what is logged.</summary>
internal sealed class RecordingLogger : ILoggerProvider
{
    private readonly ConcurrentQueue<Entry> _entries = new();

    public IReadOnlyList<Entry> Entries => [.. _entries];

    /// <summary>Gets or sets what is called with each entry.</summary>
    public Action<Entry>? Logged { get; set; }

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    internal sealed record Entry(string Category, LogLevel Level, EventId Event, string Text);

    private sealed class Logger(RecordingLogger owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Entry entry = new(category, logLevel, eventId, formatter(state, exception));
            owner._entries.Enqueue(entry);
            owner.Logged?.Invoke(entry);
        }
    }
}
