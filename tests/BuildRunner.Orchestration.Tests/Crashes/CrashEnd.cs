namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>The end of a build.</summary>
internal sealed record CrashEnd(BuildStatus Status, string? FailureKind = null)
{
    public static CrashEnd Cancelled { get; } = new(BuildStatus.Cancelled);

    public static CrashEnd Infra { get; } = new(BuildStatus.Failed, BuildFailureKinds.Infra);

    public static CrashEnd Rejected { get; } = new(BuildStatus.Failed, BuildFailureKinds.Rejected);

    public static CrashEnd Timeout { get; } = new(BuildStatus.Failed, BuildFailureKinds.Timeout);

    public static CrashEnd Of(Build build) => new(build.Status, build.Metadata.TryGetValue(BuildMetadataKeys.FailureKind, out var kind) ? kind : null);
}
