namespace BuildRunner;

/// <summary>
/// Provides the keys that runners share in the <see cref="BuildMetadata"/> of a <see cref="BuildSnapshot"/>.
/// </summary>
/// <remarks>
/// A runner may set any of them, and where a caller's key is the same the runner's value wins. A reader copes with the absence of each. Keys beside these are the runner's own.
/// </remarks>
public static class BuildMetadataKeys
{
    /// <summary>The address at which a person can look at the build: an absolute URL.</summary>
    public const string Url = "url";

    /// <summary>The backend's own word for the state of the build, unchanged.</summary>
    public const string NativeState = "native_state";

    /// <summary>What kind of failure it was, one of <see cref="BuildFailureKinds"/>.</summary>
    public const string FailureKind = "failure_kind";

    /// <summary>Which side broke, one of <see cref="BuildFailedSides"/>.</summary>
    public const string FailedSide = "failed_side";

    /// <summary>Which attempt of the backend at this build the snapshot is of: a decimal number from 1.</summary>
    public const string Attempt = "attempt";

    /// <summary>The full hexadecimal id of the commit that was built: base and head applied to the target branch.</summary>
    public const string Commit = "commit";

    /// <summary>How long the build has run: whole milliseconds, a decimal number from 0.</summary>
    public const string DurationMs = "duration_ms";

    /// <summary>The <see cref="BuildId.Value"/> of the earlier build whose result this one took over instead of running.</summary>
    public const string ReusedFrom = "reused_from";

    /// <summary>The paths that conflict, from the root of the repository, one a line; a path with a quote, a backslash or a control character stands in double quotes with these escaped as in C.</summary>
    public const string ConflictPaths = "conflict_paths";
}
