namespace BuildRunner.Orchestration.Soak;

/// <summary>How a call has failed.</summary>
internal enum CiError
{
    None,
    Transient,
    NotFound,
}
