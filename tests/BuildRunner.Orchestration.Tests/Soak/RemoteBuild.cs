namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Notes of the CI about a build.</summary>
internal sealed record RemoteBuild(BuildId Id, string Key)
{
    /// <summary>Gets the statuses that it was said to have.</summary>
    public HashSet<BuildStatus> Told { get; } = [];

    /// <summary>Gets when it was asked for, and what the answer was if there was one.</summary>
    public List<(DateTimeOffset At, BuildStatus? Answer)> Polls { get; } = [];

    /// <summary>Gets how it is at the end, or <see langword="null"/> if it has vanished.</summary>
    public BuildStatus? End { get; set; }
}
