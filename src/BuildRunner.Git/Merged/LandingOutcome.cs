namespace BuildRunner.Git;

/// <summary>Specifies the outcome of landing a build.</summary>
public enum LandingOutcome
{
    /// <summary>The build cannot land; see <see cref="LandingResult.Reason"/>. Nothing was changed.</summary>
    Refused,

    /// <summary>The target has moved to a commit that the build does not continue. Nothing was changed; merge and build again.</summary>
    Moved,

    /// <summary>The target contains the commit that was built: it was moved to it, or contained it already.</summary>
    Landed,
}
