namespace BuildRunner.Model.Attempts;

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

    /// <summary>Gets how many messages become dead letters: one at most.</summary>
    public byte Letters { get; init; }

    /// <summary>Gets how many attempts other builds begin.</summary>
    public byte Others { get; init; }
}
