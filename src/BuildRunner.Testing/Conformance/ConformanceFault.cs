namespace BuildRunner.Testing;

/// <summary>
/// Defines what a harness is asked to let go wrong in a call from the runner to its backend.
/// </summary>
public enum ConformanceFault
{
    /// <summary>The backend does what it is asked, and the answer does not arrive.</summary>
    AnswerLost,

    /// <summary>The runner's transport gives up by its own time-out, before the backend has done anything.</summary>
    TimedOut,

    /// <summary>The backend does not answer until the call is abandoned by the caller, and does nothing.</summary>
    Hangs,

    /// <summary>The backend does nothing because it is asked too often, and says to come back after <see cref="ConformanceHarness.InjectedRetryAfter"/>.</summary>
    RateLimited,

    /// <summary>The backend refuses and does nothing, for a reason that may be over later. A build goes on as it was.</summary>
    Refused,

    /// <summary>The backend refuses the runner's credentials and does nothing, call by call, until the fault is taken back. It may refuse the runner's other calls as well.</summary>
    CredentialsRefused,
}
