namespace BuildRunner.Orchestration.Soak;

/// <summary>What a process may want of the CI.</summary>
internal enum CiOperation
{
    Trigger,
    Find,
    Status,
    Cancel,

    /// <summary>Nothing: an owner was woken, and the test is to know.</summary>
    Wake,
}
