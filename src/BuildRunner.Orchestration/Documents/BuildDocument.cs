namespace BuildRunner.Orchestration;

/// <summary>Represents what belongs to no single build, such as the pause of a runner. It is saved by compare-and-set, with the builds that
/// depend on it.</summary>
internal sealed record BuildDocument
{
    /// <summary>The name, compared exactly: up to 512 characters.</summary>
    public required string Name { get; init; }

    public required string Value { get; init; }

    /// <summary>1 for a new document, incremented by each save.</summary>
    public required long Version { get; init; }

    /// <summary>When it may be deleted, or null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
