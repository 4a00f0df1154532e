namespace BuildRunner.Model.Builds;

/// <summary>The messages of a build, one topic each. Those of changes are counted.</summary>
internal enum Topic : byte { Trigger, Poll, Signal, Deadline, TriggerLetter, PollLetter, Change }

/// <summary>The call that a handler makes next: of the store or the runner; at the end the engine settles.</summary>
internal enum Call : byte { None, Read, Save, Publish, Create, Find, Status, Cancel, Settle }

/// <summary>The decision that is being made.</summary>
internal enum Deciding : byte { None, Begin, Mark, Adopt, Unmark, Reject, Poll, Deadline, BeginLetter, EndLetter }

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

    /// <summary>Gets the mark that was there before, or that the call was made under.</summary>
    public byte Mark { get; init; }

    /// <summary>Gets the build that the runner has answered with.</summary>
    public sbyte Answer { get; init; } = BuildRecord.None;

    public bool HasCancelled { get; init; }

    public bool IsIdle => Call == Call.None;
}
