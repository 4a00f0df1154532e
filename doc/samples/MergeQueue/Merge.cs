namespace MergeQueue;

/// <summary>What has come of merging a branch onto a commit: a commit, or the reason why there can be none.</summary>
internal sealed record Merge
{
    public string? CommitId { get; private init; }

    public string? WhyNot { get; private init; }

    public static Merge Of(string commitId) => new() { CommitId = commitId };

    public static Merge Impossible(string whyNot) => new() { WhyNot = whyNot };
}
