using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Attempts;

/// <summary>Represents a handler before its call, its save or its settlement. A save decides about the record as it then is.</summary>
internal readonly record struct AttemptWorker
{
    public Topic Topic { get; init; }

    public Call Call { get; init; }

    /// <summary>Gets the attempt that its message is about.</summary>
    public byte Attempt { get; init; }

    /// <summary>Gets the record of which the CI was asked.</summary>
    public AttemptRecord Asked { get; init; }

    /// <summary>Gets what it has answered: a number of a build, or a status.</summary>
    public sbyte Answer { get; init; }

    public Outcome Outcome { get; init; }

    public bool IsHolder { get; init; }

    /// <summary>Gets a value indicating whether the call was given up, and may still be answered.</summary>
    public bool IsLate { get; init; }
}
