namespace BuildRunner.Orchestration;

/// <summary>Specifies which limit of a build has passed.</summary>
internal enum TimeoutOf
{
    None = 0,

    /// <summary>The CI has the build and does not run it.</summary>
    Pending = 1,

    /// <summary>The build runs.</summary>
    Run = 2,

    /// <summary>All of it, from the submission.</summary>
    Total = 3,
}
