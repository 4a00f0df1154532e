namespace BuildRunner.Git;

/// <summary>Specifies the outcome of landing a build. Nothing was changed unless it has landed.</summary>
public enum LandingOutcome
{
    /// <summary>This build can never land; see <see cref="LandingResult.Reason"/>. Trigger a new build.</summary>
    Refused,

    /// <summary>Something outside the build, such as a protected branch, prevents landing; see <see cref="LandingResult.Reason"/>. Land the
    /// same build again when the cause is gone.</summary>
    Blocked,

    /// <summary>A head is no longer at the commit that was built. Build it again where it is.</summary>
    HeadMoved,

    /// <summary>The target has moved to a commit that the build does not continue. Merge and build again.</summary>
    Moved,

    /// <summary>The target contains the commit that was built: it was moved to it, or contained it already.</summary>
    Landed,
}
