namespace BuildRunner.Tests.Json;

/// <summary>A consumer's own message, with the types wherever they can stand in one.</summary>
internal sealed record Envelope
{
    public BuildId Id { get; init; }

    public BuildId? Previous { get; init; }

    public BuildStatus Status { get; init; }

    public BuildStatus? LastStatus { get; init; }

    public BuildMetadata? Metadata { get; init; }

    public Change? Change { get; init; }

    public BuildRequest? Request { get; init; }

    public BuildSnapshot? Snapshot { get; init; }

    public Dictionary<BuildId, string>? Names { get; init; }

    public Dictionary<BuildStatus, int>? Counts { get; init; }

    public List<BuildId>? Ids { get; init; }

    public List<Change?>? Changes { get; init; }
}
