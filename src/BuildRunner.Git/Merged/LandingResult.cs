namespace BuildRunner.Git;

/// <summary>
/// Represents what has come of landing a build.
/// </summary>
/// <remarks>Immutable.</remarks>
public sealed record LandingResult
{
    /// <summary>
    /// Gets what has come of it.
    /// </summary>
    public required LandingOutcome Outcome { get; init; }

    /// <summary>
    /// Gets the commit that has landed, or the tip that was found where the target has moved; <see langword="null"/> where landing was refused.
    /// </summary>
    public string? CommitId { get; init; }

    /// <summary>
    /// Gets a sentence that says why landing was refused; otherwise <see langword="null"/>.
    /// </summary>
    public string? Reason { get; init; }

    internal static LandingResult Landed(string commitId) => new() { Outcome = LandingOutcome.Landed, CommitId = commitId };

    internal static LandingResult Moved(string tip) => new() { Outcome = LandingOutcome.Moved, CommitId = tip };

    internal static LandingResult Refused(string reason) => new() { Outcome = LandingOutcome.Refused, Reason = reason };
}
