namespace BuildRunner.Orchestration.Soak;

/// <summary>The calls of a process to the CI.</summary>
internal enum CiOperation
{
    Trigger,
    Find,
    Status,
    Cancel,

    /// <summary>Nothing: an owner was woken, and the test is to know.</summary>
    Wake,
}
