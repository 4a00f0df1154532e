namespace BuildRunner.Orchestration;

/// <summary>Represents who waits for a runner, and how many builds it has, at one time of the store's clock.</summary>
internal sealed record LineReading
{
    /// <summary>How many slots are in use. Counting stops at the number that was asked for.</summary>
    public required int InUse { get; init; }

    /// <summary>Of the builds with the highest priority, the oldest of the next owner, or null if none waits.</summary>
    public Build? Next { get; init; }

    /// <summary>The build that waits whose id is the lowest, so the one that was submitted first, or null if none waits.</summary>
    public Build? Oldest { get; init; }

    /// <summary>The time of the store, in whole milliseconds. It is read with the rest or after it.</summary>
    public required DateTimeOffset Now { get; init; }
}
