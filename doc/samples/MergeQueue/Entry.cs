namespace MergeQueue;

/// <summary>A branch that is to land, and how it stands.</summary>
internal sealed class Entry(string branch, string commitId)
{
    public string Branch { get; } = branch;

    public string CommitId { get; } = commitId;

    public State State { get; set; }

    /// <summary>Gets or sets the branches ahead of it that it is verified on.</summary>
    public string On { get; set; } = "";

    /// <summary>Gets or sets why it could not be verified.</summary>
    public string? Fault { get; set; }

    public bool IsDecided => State is State.Landed or State.Dropped or State.Unverified;
}
