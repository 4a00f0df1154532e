namespace BuildRunner.Model.Builds;

/// <summary>Represents how often something may go wrong.</summary>
internal readonly record struct Faults
{
    public byte Crashes { get; init; }

    public byte Lapses { get; init; }

    public byte Cancels { get; init; }

    public byte Letters { get; init; }

    public byte Signals { get; init; }

    /// <summary>Gets how many triggers are answered only after they were given up.</summary>
    public byte Hangs { get; init; }

    /// <summary>Gets a value indicating whether the deadline may pass before the build has ended.</summary>
    public bool IsLate { get; init; }

    /// <summary>Gets how many answers to triggers are lost.</summary>
    public byte Lost { get; init; }

    /// <summary>Gets how many triggers and polls fail for a moment.</summary>
    public byte Errors { get; init; }
}
