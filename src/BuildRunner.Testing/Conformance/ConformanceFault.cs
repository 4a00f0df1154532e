namespace BuildRunner.Testing;

/// <summary>Defines the faults that a harness can inject into a call from the runner to its backend.</summary>
public enum ConformanceFault
{
    /// <summary>The backend does what it is asked, and its answer is lost.</summary>
    AnswerLost,

    /// <summary>The runner's transport times out before the backend has done anything.</summary>
    TimedOut,

    /// <summary>The backend does not answer until the caller abandons the call, and does nothing.</summary>
    Hangs,

    /// <summary>The backend gets too many calls, so it does nothing and asks the caller to wait for <see
    /// cref="ConformanceHarness.InjectedRetryAfter"/>.</summary>
    RateLimited,

    /// <summary>The backend refuses the call and does nothing, for a reason that may pass. The build stays as it was.</summary>
    Refused,

    /// <summary>The backend refuses the runner's credentials and does nothing, for every call until the fault is withdrawn. It may also
    /// refuse other calls of the runner.</summary>
    CredentialsRefused,
}
