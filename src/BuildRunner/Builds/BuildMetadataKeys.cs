namespace BuildRunner;

/// <summary>Provides the shared keys in the <see cref="BuildMetadata"/> of a <see cref="BuildSnapshot"/>.</summary>
/// <remarks>Every key is optional, so a reader must cope without it. If the caller used the same key, the runner's value wins. A runner may
/// add keys of its own.</remarks>
public static class BuildMetadataKeys
{
    /// <summary>The absolute URL of the build's page, for people.</summary>
    public const string Url = "url";

    /// <summary>The backend's own name for the state of the build, unchanged.</summary>
    public const string NativeState = "native_state";

    /// <summary>The kind of failure: one of <see cref="BuildFailureKinds"/>.</summary>
    public const string FailureKind = "failure_kind";

    /// <summary>The side that broke: one of <see cref="BuildFailedSides"/>.</summary>
    public const string FailedSide = "failed_side";

    /// <summary>The attempt that the snapshot describes, as the backend counts it: a decimal number, from 1.</summary>
    public const string Attempt = "attempt";

    /// <summary>The full hexadecimal id of the commit that was built: base and head on the target branch.</summary>
    public const string Commit = "commit";

    /// <summary>The time that the build has run: whole milliseconds, a decimal number from 0.</summary>
    public const string DurationMs = "duration_ms";

    /// <summary>The <see cref="BuildId.Value"/> of the earlier build that supplied this result. The build itself did not run.</summary>
    public const string ReusedFrom = "reused_from";

    /// <summary>The conflicting paths, relative to the root of the repository, one a line. A path that contains a quote, a backslash or a
    /// control character is put in double quotes, with those characters escaped as in C.</summary>
    public const string ConflictPaths = "conflict_paths";
}
