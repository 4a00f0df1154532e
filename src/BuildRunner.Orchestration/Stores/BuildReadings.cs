namespace BuildRunner.Orchestration;

/// <summary>Represents those of several builds that exist, in any order, at one time of the store's clock.</summary>
internal sealed record BuildReadings
{
    public required IReadOnlyList<Build> Builds { get; init; }

    /// <summary>Those that exist and cannot be read.</summary>
    public IReadOnlyList<UnreadableBuild> Unreadable { get; init; } = [];

    /// <summary>The time of the store, in whole milliseconds. It is read with the builds or after them.</summary>
    public required DateTimeOffset Now { get; init; }
}
