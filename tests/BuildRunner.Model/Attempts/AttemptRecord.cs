using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Attempts;

/// <summary>Represents the record of a build, as far as attempts are concerned.</summary>
internal readonly record struct AttemptRecord
{
    public Status Status { get; init; }

    public byte Attempt { get; init; }

    /// <summary>Gets the number of the build at the CI, or -1.</summary>
    public sbyte Remote { get; init; }

    /// <summary>Gets the epoch of the mark, or 0.</summary>
    public byte Mark { get; init; }

    public Cause Cause { get; init; }

    public bool IsPaused { get; init; }

    public Settling Settling { get; init; }

    public bool IsCancelling => Cause != Cause.None;

    public bool IsTerminal => Status >= Status.Succeeded;
}
