namespace BuildRunner.Orchestration.Soak;

/// <summary>The failure of a call.</summary>
internal enum CiError
{
    None,
    Transient,
    NotFound,
}
