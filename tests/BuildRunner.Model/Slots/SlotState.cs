using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Slots;

/// <summary>Represents a runner with a limit: its document, its builds in the order of their turn, two consumers, and what may go wrong.</summary>
internal readonly record struct SlotState
{
    public Items<SlotBuild> Builds { get; init; }

    public Slot Dispatch { get; init; }

    public byte Version { get; init; }

    /// <summary>Gets the version of the document of its line, which each build that is let in changes.</summary>
    public byte LineVersion { get; init; }

    public bool IsHeld { get; init; }

    /// <summary>Gets a value indicating whether submissions are refused.</summary>
    public bool IsRefusing { get; init; }

    /// <summary>Gets a value indicating whether another caller submits, and had begun before that was saved.</summary>
    public bool IsSubmitting { get; init; }

    /// <summary>Gets how many callers may still come.</summary>
    public byte Callers { get; init; }

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

    /// <summary>Gets the state after the message is published that lets builds in.</summary>
    public SlotState Dispatching => this with { Dispatch = Dispatch.Published() };

    public byte InUse => (byte)Builds.Count(static build => build.HasSlot);
}
