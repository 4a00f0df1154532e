using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Attempts;

/// <summary>How a build is at the CI. One that is stopped runs again before the delay is over in which that is not believed.</summary>
internal enum CiStatus : byte { Running, Succeeded, Infra, Stopped, Cancelled }

/// <summary>Represents a build at the CI, with the attempt whose trigger key it has.</summary>
internal readonly record struct CiBuild(byte Attempt, CiStatus Status);

/// <summary>How far the delay is in which a cancel that nobody asked for is not believed.</summary>
internal enum Settling : byte { None, Waiting, Over }

/// <summary>Represents the record of a build, as far as attempts are concerned.</summary>
internal readonly record struct AttemptRecord
{
    public Status Status { get; init; }

    public byte Attempt { get; init; }

    /// <summary>Gets the number of the build at the CI, or -1.</summary>
    public sbyte Remote { get; init; }

    /// <summary>Gets the epoch of the mark, or 0.</summary>
    public byte Mark { get; init; }

    public bool IsCancelling { get; init; }

    public bool IsPaused { get; init; }

    public Settling Settling { get; init; }

    public bool IsTerminal => Status >= Status.Succeeded;
}

/// <summary>Represents a handler before its call, its save or its settlement. A save decides about the record as it then is.</summary>
internal readonly record struct AttemptWorker
{
    public Topic Topic { get; init; }

    public Call Call { get; init; }

    /// <summary>Gets the record of which the CI was asked.</summary>
    public AttemptRecord Asked { get; init; }

    /// <summary>Gets what it has answered: a number of a build, or a status.</summary>
    public sbyte Answer { get; init; }

    public Outcome Outcome { get; init; }

    public bool IsHolder { get; init; }

    /// <summary>Gets a value indicating whether the call was given up, and may still be answered.</summary>
    public bool IsLate { get; init; }
}

/// <summary>Represents a build in attempts, with a budget that another build of its owner shares.</summary>
internal readonly record struct AttemptState
{
    public AttemptRecord Record { get; init; }

    public Items<CiBuild> Ci { get; init; }

    public Slot Trigger { get; init; }

    public Slot Poll { get; init; }

    public Slot Signal { get; init; }

    public AttemptWorker First { get; init; }

    public AttemptWorker Second { get; init; }

    public byte Changes { get; init; }

    public Status? Told { get; init; }

    public byte Epoch { get; init; }

    /// <summary>Gets the attempt that a caller has cancelled, or 0.</summary>
    public byte CancelledAttempt { get; init; }

    /// <summary>Gets how many attempts of the hour were begun, by this build and by others.</summary>
    public byte Begun { get; init; }

    /// <summary>Gets what the document says of that.</summary>
    public byte Spent { get; init; }

    /// <summary>Gets an attempt that was begun and is not in the document yet: with a mistake only.</summary>
    public byte Owed { get; init; }

    public AttemptFaults Left { get; init; }

    public AttemptWorker this[int index] => index == 0 ? First : Second;

    public AttemptState With(int index, AttemptWorker worker) => index == 0 ? this with { First = worker } : this with { Second = worker };

    public Slot SlotOf(Topic topic) => topic switch { Topic.Trigger => Trigger, Topic.Poll => Poll, _ => Signal };

    public AttemptState WithSlot(Topic topic, Slot slot) => topic switch
    {
        Topic.Trigger => this with { Trigger = slot },
        Topic.Poll => this with { Poll = slot },
        _ => this with { Signal = slot },
    };
}

/// <summary>Represents how often something may go wrong.</summary>
internal readonly record struct AttemptFaults
{
    /// <summary>Gets how many builds the CI itself fails.</summary>
    public byte Infra { get; init; }

    /// <summary>Gets how many builds the CI stops and runs again.</summary>
    public byte Stops { get; init; }

    public byte Crashes { get; init; }

    public byte Lapses { get; init; }

    public byte Hangs { get; init; }

    public byte Cancels { get; init; }

    public byte Signals { get; init; }

    /// <summary>Gets how many attempts other builds begin.</summary>
    public byte Others { get; init; }
}

/// <summary>A deliberate mistake, by the rule that it breaks.</summary>
internal enum AttemptMutation
{
    None,

    /// <summary>O14: the end is saved, and then the next attempt.</summary>
    SavesEndFirst,

    /// <summary>O14: the budget is saved after the attempt, in a transaction of its own.</summary>
    BudgetApart,

    /// <summary>O14: an answer to the trigger of an old attempt is adopted by the present one.</summary>
    AdoptsOldAttempts,

    /// <summary>O14: an answer is adopted only under the mark of its call.</summary>
    AdoptsByMark,

    /// <summary>O14: the answer to a poll of an old attempt is taken for the present one.</summary>
    PollsOldAttempts,

    /// <summary>O14: what a caller cancels is tried again.</summary>
    RetriesCancels,

    /// <summary>O14: attempts share a trigger key.</summary>
    SharesKey,

    /// <summary>O15: a cancel that nobody asked for is believed at once.</summary>
    SettlesNothing,
}
