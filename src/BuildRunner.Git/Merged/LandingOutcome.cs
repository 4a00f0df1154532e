namespace BuildRunner.Git;

/// <summary>Specifies the outcome of landing a build.</summary>
public enum LandingOutcome
{
    /// <summary>The build can never land; see <see cref="LandingResult.Reason"/>. Nothing was changed.</summary>
    Refused,

    /// <summary>Something other than the build is in the way; see <see cref="LandingResult.Reason"/>. Nothing was changed; land the same
    /// build again once it is gone.</summary>
    Blocked,

    /// <summary>The target has moved to a commit that the build does not continue, or the head to another one than was built. Nothing was
    /// changed; merge and build again.</summary>
    Moved,

    /// <summary>The target contains the commit that was built: it was moved to it, or contained it already.</summary>
    Landed,
}
