using System.Net.Sockets;

namespace BuildRunner.Orchestration;

/// <summary>Logs that calls of a runner fail or succeed again, once per operation, not per build.</summary>
internal sealed class RunnerFailures(string runner, ILogger logger, TimeProvider timeProvider)
{
    // A runner that fails now and then gets one warning a minute.
    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();

    // By operation: the number of failed calls since and including the warning, or 0 without one, and when the last warning was.
    private readonly Dictionary<string, (int Count, long? WarnedAt)> _series = new(StringComparer.Ordinal);

    public void Failed(string operation, Guid id, Exception exception)
    {
        bool isFirst;
        lock (_lock)
        {
            var (count, warnedAt) = _series.GetValueOrDefault(operation);
            isFirst = count == 0 && (warnedAt is not { } at || timeProvider.GetElapsedTime(at) >= BetweenWarnings);
            if (isFirst || count > 0)
            {
                _series[operation] = (count + 1, isFirst ? timeProvider.GetTimestamp() : warnedAt);
            }
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
            (count, var warnedAt) = _series.GetValueOrDefault(operation);
            if (count == 0)
            {
                return;
            }

            _series[operation] = (0, warnedAt);
        }

        Log.CallsAnswered(logger, runner, operation, count);
    }
}

internal static class CallFailures
{
    // A service that was not reached has refused nothing.
    public static string Describe(Exception exception) => exception switch
    {
        CallNotBegunException => "was not begun",
        TimeoutException => "was not answered in time",
        _ when IsUnreached(exception) => "did not reach the service",
        TriggerOutcomeUnknownException => "lost its answer",
        BuildRunnerException { RetryAfter: { Ticks: > 0 } retryAfter } => $"was refused for {retryAfter}",
        BuildRunnerException { IsTransient: false } => "was refused",
        _ => "failed",
    };

    private static bool IsUnreached(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpRequestException
                {
                    HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
                        or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
                }
                or SocketException
                {
                    SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound
                        or SocketError.HostUnreachable or SocketError.NetworkUnreachable,
                })
            {
                return true;
            }
        }

        return false;
    }
}
