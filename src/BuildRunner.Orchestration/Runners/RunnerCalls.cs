namespace BuildRunner.Orchestration.Runners;

/// <summary>Specifies the calls that a step is about to make.</summary>
[Flags]
internal enum RunnerCalls
{
    None = 0,

    /// <summary>It asks for a status, or looks a key up.</summary>
    Reads = 1,

    /// <summary>It triggers or cancels.</summary>
    Writes = 2,
}
