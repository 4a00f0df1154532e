using System.Net.Sockets;

namespace BuildRunner.Orchestration.Runners;

/// <summary>Classifies failed calls.</summary>
internal static class CallFailures
{
    /// <summary>Describes the failure: a service that was not reached has refused nothing.</summary>
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
