namespace BuildRunner.Orchestration.Runners;

/// <summary>How far a call of a runner has come. It goes on from one to the next.</summary>
internal enum CallState
{
    /// <summary>It waits for a thread.</summary>
    Queued,

    /// <summary>It was given up before it had one, and is not begun any more.</summary>
    GivenUp,

    /// <summary>The runner is called, and has not returned its task.</summary>
    Begun,

    /// <summary>The runner has returned its task.</summary>
    Returned,
}
