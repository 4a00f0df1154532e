namespace BuildRunner.Orchestration.Soak;

/// <summary>What the CI says, if it says anything.</summary>
internal sealed record CiAnswer
{
    public CiError Error { get; init; }

    public BuildId? BuildId { get; init; }

    public BuildSnapshot? Snapshot { get; init; }
}
