namespace BuildRunner.Git;

/// <summary>Represents the result of landing a build.</summary>
/// <remarks>Immutable.</remarks>
public sealed record LandingResult
{
    /// <summary>Gets the outcome.</summary>
    public required LandingOutcome Outcome { get; init; }

    /// <summary>Gets the landed commit, or the tip of a target that has moved; <see langword="null"/> for any other outcome.</summary>
    public string? CommitId { get; init; }

    /// <summary>Gets a sentence that explains why the build did not land, or <see langword="null"/> if it did.</summary>
    public string? Reason { get; init; }

    internal static LandingResult Landed(string commitId) => new() { Outcome = LandingOutcome.Landed, CommitId = commitId };

    internal static LandingResult Moved(string tip, string reason) =>
        new() { Outcome = LandingOutcome.Moved, CommitId = tip, Reason = reason };

    internal static LandingResult HeadMoved(string reason) => new() { Outcome = LandingOutcome.HeadMoved, Reason = reason };

    internal static LandingResult Blocked(string reason) => new() { Outcome = LandingOutcome.Blocked, Reason = reason };

    internal static LandingResult Refused(string reason) => new() { Outcome = LandingOutcome.Refused, Reason = reason };
}
