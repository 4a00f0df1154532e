using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Slots;

/// <summary>How a build is at the CI.</summary>
internal enum AtCi : byte { Absent, Running, Ended }

/// <summary>Represents a build that waits for a slot, has one, or has ended.</summary>
internal readonly record struct SlotBuild
{
    /// <summary>Gets what has become of the message that triggers it.</summary>
    public Slot Trigger { get; init; }

    public bool IsInLine { get; init; }

    public bool HasSlot { get; init; }

    public byte Mark { get; init; }

    public bool HasId { get; init; }

    public bool IsCancelling { get; init; }

    public bool IsEnded { get; init; }

    /// <summary>Gets a value indicating whether it was ended here without the word of its runner.</summary>
    public bool IsAbandoned { get; init; }

    public AtCi AtCi { get; init; }
}

/// <summary>Represents a handler that triggers a build, or that lets builds in (<see cref="Dispatch"/>).</summary>
internal readonly record struct SlotWorker
{
    public const sbyte Dispatch = 9;

    public sbyte Build { get; init; }

    public Call Call { get; init; }

    /// <summary>Gets the version of the runner's document that was read.</summary>
    public byte Version { get; init; }

    /// <summary>Gets the number of slots that was counted.</summary>
    public byte Counted { get; init; }

    public byte Mark { get; init; }

    public Outcome Outcome { get; init; }

    public bool IsHolder { get; init; }
}

/// <summary>Represents a runner with a limit: its document, its builds in the order of their turn, two consumers, and what may go wrong.</summary>
internal readonly record struct SlotState
{
    public Items<SlotBuild> Builds { get; init; }

    public Slot Dispatch { get; init; }

    public byte Version { get; init; }

    public bool IsHeld { get; init; }

    public byte Epoch { get; init; }

    public SlotWorker First { get; init; }

    public SlotWorker Second { get; init; }

    public byte Crashes { get; init; }

    public byte Lapses { get; init; }

    public byte Cancels { get; init; }

    public byte Holds { get; init; }

    public SlotWorker this[int index] => index == 0 ? First : Second;

    public SlotState With(int index, SlotWorker worker) => index == 0 ? this with { First = worker } : this with { Second = worker };

    public SlotState With(int number, SlotBuild build) => this with { Builds = Builds.With(number, build) };

    public byte InUse => (byte)Builds.Count(static build => build.HasSlot);
}

/// <summary>A deliberate mistake, by the rule that it breaks.</summary>
internal enum SlotMutation
{
    None,

    /// <summary>O16: slots are counted before the version is read that the commit compares.</summary>
    CountsFirst,

    /// <summary>O16: the commit does not compare the version.</summary>
    ComparesNothing,

    /// <summary>O16: a mark whose outcome is not known gives its slot back.</summary>
    UnknownFreesSlot,

    /// <summary>O16: the slot is given back after the end is saved.</summary>
    FreesLater,

    /// <summary>O16: a build joins the line, and nobody is told.</summary>
    JoinsSilently,

    /// <summary>O17: the mark does not compare the version of the runner's document.</summary>
    MarksUnseen,
}
