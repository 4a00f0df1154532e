using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Slots;

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

    /// <summary>Gets what the record has.</summary>
    public SlotBuild Record => this with { Trigger = default, AtCi = default, IsAbandoned = false };
}
