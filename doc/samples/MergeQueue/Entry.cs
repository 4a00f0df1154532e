namespace MergeQueue;

/// <summary>A branch that is to land, and how it stands.</summary>
internal sealed class Entry(string branch)
{
    public string Branch { get; } = branch;

    /// <summary>Gets or sets the commit that it was at when it was last read, or with which it has landed.</summary>
    public string CommitId { get; set; } = "";

    public State State { get; set; }

    /// <summary>Gets or sets the branches ahead of it that it is verified on.</summary>
    public string On { get; set; } = "";

    /// <summary>Gets or sets why it does not land, or an earlier build of it did not succeed.</summary>
    public string? Reason { get; set; }

    public bool IsDecided => State is State.Landed || HasLeft;

    /// <summary>Gets whether it does not land, and nothing is done for it any more.</summary>
    public bool HasLeft => State is State.Dropped or State.Gone or State.Unverified;

    public void Leave(State state, string reason) => (State, Reason) = (state, reason);
}
