namespace BuildRunner.Orchestration.Soak;

/// <summary>An answer of the CI.</summary>
internal sealed record CiAnswer
{
    public CiError Error { get; init; }

    public BuildId? BuildId { get; init; }

    public BuildSnapshot? Snapshot { get; init; }
}
