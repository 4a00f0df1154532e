namespace BuildRunner;

/// <summary>Provides the values of <see cref="BuildMetadataKeys.FailureKind"/>.</summary>
/// <remarks>Treat any other value as a failure of unknown kind.</remarks>
public static class BuildFailureKinds
{
    /// <summary>The build ran to its end and failed. The change is to blame.</summary>
    public const string Code = "code";

    /// <summary>The backend failed the build, or lost track of it: for example a lost worker, no memory, or a commit that could not be
    /// fetched. The change is not to blame.</summary>
    public const string Infra = "infra";

    /// <summary>The build exceeded its time limit.</summary>
    public const string Timeout = "timeout";

    /// <summary>The backend is waiting for a person or a rule, and will not continue by itself.</summary>
    public const string Blocked = "blocked";

    /// <summary>The backend decided not to run the build.</summary>
    public const string Skipped = "skipped";

    /// <summary>The changes could not be applied. <see cref="BuildMetadataKeys.ConflictPaths"/> may list the conflicting paths.</summary>
    public const string Conflict = "conflict";

    /// <summary>The runner rejects the request and would reject it again. The request is to blame.</summary>
    public const string Rejected = "rejected";
}
