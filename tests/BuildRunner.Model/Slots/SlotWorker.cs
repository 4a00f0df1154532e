using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Slots;

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
