using Microsoft.Extensions.Logging;

namespace QuickStart;

/// <summary>Says what a program waits for: a warning of what runs in it, where nothing has moved on for some seconds. One sentence until something does.</summary>
internal sealed class Trouble : ILoggerProvider, ILogger
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Action<string> _say;
    private readonly Timer _timer;
    private string? _reason;

    public Trouble(Action<string> say)
    {
        _say = say;
        _timer = new Timer(static trouble => ((Trouble)trouble!).Say(), this, Patience, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Notes that something has moved on.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _reason = null;
            _timer.Change(Patience, Timeout.InfiniteTimeSpan);
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            lock (_gate)
            {
                _reason = exception is null ? formatter(state, exception) : $"{formatter(state, exception)} ({exception.GetBaseException().Message})";
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Say()
    {
        string? reason;
        lock (_gate)
        {
            reason = _reason;
            if (reason is null)
            {
                _timer.Change(Patience, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        try
        {
            _say($"Still waiting: {reason.ReplaceLineEndings(" ")}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nobody can see it; the program will find that out by itself.
        }
    }
}
