namespace BuildRunner.Testing;

/// <summary>
/// Defines what a harness is asked to let go wrong in the next call from the runner to its backend.
/// </summary>
public enum ConformanceFault
{
    /// <summary>The backend does what it is asked, and the answer does not arrive.</summary>
    AnswerLost,

    /// <summary>The runner's transport gives up by its own time-out, before the backend has done anything.</summary>
    TimedOut,

    /// <summary>The backend does not answer until the call is abandoned by the caller.</summary>
    Hangs,

    /// <summary>The backend refuses because it is asked too often, and says to come back after <see cref="ConformanceHarness.InjectedRetryAfter"/>.</summary>
    RateLimited,

    /// <summary>The backend refuses a cancel. The build goes on as it was.</summary>
    CancelRefused,
}
