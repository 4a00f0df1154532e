using BuildRunner;
using BuildRunner.Git;

namespace MergeQueue;

/// <summary>A branch that is to land.</summary>
internal sealed class Entry(string branch, string commitId)
{
    public string Branch { get; } = branch;

    public string CommitId { get; } = commitId;

    public Change Change { get; } = GitChange.Create("localhost", "merge-queue", $"refs/heads/{branch}", commitId);

    /// <summary>Gets or sets what a person is shown: how it stands, on what, and why.</summary>
    public string State { get; set; } = "waiting";

    public string On { get; set; } = "";

    public bool IsDecided => State is "landed" or "dropped";
}
