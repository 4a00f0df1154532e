namespace BuildRunner;

/// <summary>
/// Provides the values of <see cref="BuildMetadataKeys.FailureKind"/>.
/// </summary>
/// <remarks>A reader takes a value that is none of these for a failure of unknown kind.</remarks>
public static class BuildFailureKinds
{
    /// <summary>The build ran to its end and said no: the change is to blame.</summary>
    public const string Code = "code";

    /// <summary>The backend failed the build, or what became of it is not known: a lost worker, no memory, a commit that could not be fetched. The change is not to blame.</summary>
    public const string Infra = "infra";

    /// <summary>The build ran longer than it may.</summary>
    public const string Timeout = "timeout";

    /// <summary>The backend waits for a person or a rule, and will not go on by itself.</summary>
    public const string Blocked = "blocked";

    /// <summary>The backend decided not to run the build.</summary>
    public const string Skipped = "skipped";

    /// <summary>The changes could not be applied; <see cref="BuildMetadataKeys.ConflictPaths"/> may say where.</summary>
    public const string Conflict = "conflict";

    /// <summary>The runner refuses the request for good, and would refuse it again. The request is to blame.</summary>
    public const string Rejected = "rejected";
}
