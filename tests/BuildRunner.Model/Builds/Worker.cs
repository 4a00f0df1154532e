namespace BuildRunner.Model.Builds;

/// <summary>Represents a handler between two of its calls: what it knows, and what it does next.</summary>
internal readonly record struct Worker()
{
    public Topic Topic { get; init; }

    public Call Call { get; init; }

    public Deciding Deciding { get; init; }

    /// <summary>Gets the record as it was last read or saved here.</summary>
    public BuildRecord Read { get; init; }

    /// <summary>Gets what is to be saved.</summary>
    public BuildRecord Next { get; init; }

    /// <summary>Gets how the delivery ends, once that is decided.</summary>
    public Outcome Outcome { get; init; }

    /// <summary>Gets a value indicating whether the save publishes the message that triggers or polls.</summary>
    public bool Hastens { get; init; }

    /// <summary>Gets a value indicating whether the lease is still held.</summary>
    public bool IsHolder { get; init; }

    /// <summary>Gets a value indicating whether the call was abandoned: the delivery is settled, and only the answer is still saved.</summary>
    public bool IsLate { get; init; }

    /// <summary>Gets a value indicating whether a trigger's timeout has passed since the mark was begun.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Gets a value indicating whether the read has taken longer than a trigger may: the clock that it has read may be that much behind.</summary>
    public bool IsReadSlow { get; init; }

    /// <summary>Gets the mark that was there before, or that the call was made under.</summary>
    public byte Mark { get; init; }

    /// <summary>Gets the build that the runner has answered with.</summary>
    public sbyte Answer { get; init; } = BuildRecord.None;

    public bool HasCancelled { get; init; }

    /// <summary>Gets a value indicating whether the CI had ended the build well before its dead letter was handled.</summary>
    public bool HadSucceeded { get; init; }

    public bool IsIdle => Call == Call.None;
}
