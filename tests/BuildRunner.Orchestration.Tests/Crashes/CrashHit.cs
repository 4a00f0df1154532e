namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>An event that hits a process at one moment.</summary>
public enum CrashHit
{
    /// <summary>It dies, and another one goes on when its leases have expired.</summary>
    Crash,

    /// <summary>It dies, and so does the one that goes on, at each of its moments.</summary>
    CrashTwice,

    /// <summary>It is paused, another one takes over when its leases have expired and brings the build to its end, and then it goes on, fenced. It dies at each moment after that, or at none.</summary>
    ExpiryToEnd,

    /// <summary>It is paused, another one takes over and handles the same message once, and then it goes on, fenced, before the other does.</summary>
    ExpireForOneStep,

    /// <summary>Like <see cref="ExpiryToEnd"/>, but the process notices that its lease has expired: the token of the handler is cancelled.</summary>
    ExpiryNoticed,

    /// <summary>Like <see cref="ExpiryToEnd"/>, during a call of the runner, which ignores its token and answers later.</summary>
    LateAnswer,

    /// <summary>It stops as a host stops, and another one goes on.</summary>
    HandBack,

    /// <summary>It stops while the call is under way; if the handler gives the call up, another one brings the build to its end before the call goes on.</summary>
    HandBackInCall,

    /// <summary>Another process cancels the build.</summary>
    Cancel,

    /// <summary>Another process cancels the build, and then it dies.</summary>
    CancelAndCrash,

    /// <summary>It dies within the transaction of a call, after each of its statements, where the data is in a database.</summary>
    CutOff,
}
