namespace BuildRunner.Orchestration.Runners;

/// <summary>Specifies the progress of a call.</summary>
internal enum CallState
{
    /// <summary>It waits for a thread.</summary>
    Queued,

    /// <summary>It was abandoned before it had one, and will not begin.</summary>
    GivenUp,

    /// <summary>The runner is called, and has not returned its task.</summary>
    Begun,

    /// <summary>The runner has returned its task.</summary>
    Returned,
}
