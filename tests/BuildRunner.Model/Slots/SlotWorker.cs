using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Slots;

/// <summary>Represents a handler that triggers a build, or that lets builds in (<see cref="Dispatch"/>).</summary>
internal readonly record struct SlotWorker
{
    public const sbyte Dispatch = 9;

    public sbyte Build { get; init; }

    public Call Call { get; init; }

    /// <summary>Gets the version of the document that was read, of the runner or of its line.</summary>
    public byte Version { get; init; }

    /// <summary>Gets a value indicating whether the runner was held then.</summary>
    public bool WasHeld { get; init; }

    /// <summary>Gets the build as it was read or picked.</summary>
    public SlotBuild Asked { get; init; }

    /// <summary>Gets which build was picked to be let in.</summary>
    public sbyte Picked { get; init; }

    /// <summary>Gets the number of slots that was counted.</summary>
    public byte Counted { get; init; }

    public Outcome Outcome { get; init; }

    public bool IsHolder { get; init; }
}
