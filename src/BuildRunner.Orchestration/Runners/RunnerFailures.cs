using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Runners;

/// <summary>Logs that calls of a runner fail or succeed again, once per operation, not per build.</summary>
internal sealed class RunnerFailures(string runner, ILogger logger, TimeProvider timeProvider)
{
    // A runner that fails now and then gets one warning a minute.
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);

    public void Failed(string operation, Guid id, Exception exception)
    {
        bool isFirst;
        lock (_lock)
        {
            var series = _series.TryGetValue(operation, out var known) ? known : _series[operation] = new Series();
            isFirst = series.Count == 0
                && (series.WarnedAt is not { } warnedAt || timeProvider.GetElapsedTime(warnedAt) >= BetweenWarnings);
            if (isFirst)
            {
                series.WarnedAt = timeProvider.GetTimestamp();
            }

            series.Count += isFirst || series.Count > 0 ? 1 : 0;
        }

        if (isFirst)
        {
            Log.CallFailed(logger, runner, operation, id, CallFailures.Describe(exception), exception);
        }
        else
        {
            Log.CallFailedAgain(logger, runner, operation, id, CallFailures.Describe(exception), exception.Message);
        }
    }

    public void Answered(string operation)
    {
        int count;
        lock (_lock)
        {
            if (!_series.TryGetValue(operation, out var series) || series.Count == 0)
            {
                return;
            }

            (count, series.Count) = (series.Count, 0);
        }

        Log.CallsAnswered(logger, runner, operation, count);
    }

    private sealed class Series
    {
        /// <summary>Gets or sets the number of failed calls since and including the warning, or 0 without one.</summary>
        public int Count { get; set; }

        public long? WarnedAt { get; set; }
    }
}
