namespace BuildRunner.Git;

/// <summary>
/// Specifies what has come of landing a build.
/// </summary>
public enum LandingOutcome
{
    /// <summary>The build cannot land, and <see cref="LandingResult.Reason"/> says why. Nothing was changed.</summary>
    Refused,

    /// <summary>The target is at a commit that the build does not continue. Nothing was changed; what was built has to be merged and built again.</summary>
    Moved,

    /// <summary>The target has the commit that was built: it was moved to it, or had it already.</summary>
    Landed,
}
