namespace BuildRunner.Git;

/// <summary>Represents the result of landing a build.</summary>
/// <remarks>Immutable.</remarks>
public sealed record LandingResult
{
    /// <summary>Gets the outcome.</summary>
    public required LandingOutcome Outcome { get; init; }

    /// <summary>Gets the landed commit, or the tip of a target that has moved; <see langword="null"/> if landing was refused.</summary>
    public string? CommitId { get; init; }

    /// <summary>Gets a sentence that explains why landing was refused; otherwise, <see langword="null"/>.</summary>
    public string? Reason { get; init; }

    internal static LandingResult Landed(string commitId) => new() { Outcome = LandingOutcome.Landed, CommitId = commitId };

    internal static LandingResult Moved(string tip) => new() { Outcome = LandingOutcome.Moved, CommitId = tip };

    internal static LandingResult Refused(string reason) => new() { Outcome = LandingOutcome.Refused, Reason = reason };
}
