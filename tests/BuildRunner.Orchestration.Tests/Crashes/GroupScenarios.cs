namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>The lives of builds that are not alone: members of groups, those that others replace, those that are submitted with others.</summary>
internal static class GroupScenarios
{
    /// <summary>The runner of what is there beside the build.</summary>
    public const string Other = "other";

    private const string Key = "group-1";

    /// <summary>Polls of the other build are after 0, 2.5 to 3 and 5 to 6 minutes, and those of the build after 0, 4 to 4.8 and at least 8 minutes, so that by whatever jitter their order is the same.</summary>
    public static readonly TimeSpan OtherPollDelay = TimeSpan.FromSeconds(150);

    private static readonly TimeSpan SlowPoll = TimeSpan.FromMinutes(4);

    private static readonly FakeBuild Succeeds = FakeBuild.WaitsFor(TimeSpan.FromSeconds(5), FakeBuild.Succeeds(after: TimeSpan.FromSeconds(10)));

    private static readonly FakeBuild Runs = FakeBuild.RunsUntilCancelled();

    public static IReadOnlyList<CrashScenario> All { get; } =
    [
        new()
        {
            Name = "is the only member of a group",
            End = new(BuildStatus.Succeeded),
            GroupKey = Key,
            SubmitAsync = static (orchestrator, submission, cancellationToken) => orchestrator.SubmitGroupAsync(new() { Key = Key, Required = [submission] }, cancellationToken),
            Arrange = static ci => ci.EveryBuild(static _ => Succeeds),
        },
        new()
        {
            Name = "is in a group whose message becomes a dead letter",
            End = new(BuildStatus.Succeeded),
            GroupKey = Key,
            SubmitAsync = static (orchestrator, submission, cancellationToken) => orchestrator.SubmitGroupAsync(new() { Key = Key, Required = [submission] }, cancellationToken),
            Arrange = static ci => ci.EveryBuild(static _ => Succeeds),
            Fails = static (_, call) => call is { Topic: BuildTopics.Group, Member: "store.documents" },
        },
        new()
        {
            Name = "is cancelled with its group while it runs",
            End = CrashEnd.Cancelled,
            GroupKey = Key,
            SubmitAsync = static (orchestrator, submission, cancellationToken) => orchestrator.SubmitGroupAsync(new() { Key = Key, Required = [submission] }, cancellationToken),
            Arrange = static ci => ci.EveryBuild(static _ => Runs),
            Actions = [new(static world => world.Ledger.Last is { Status: BuildStatus.Running }, static (orchestrator, _, cancellationToken) => orchestrator.CancelGroupAsync(Key, "anna", cancellationToken))],
        },
        new()
        {
            Name = "is cancelled because another member of its group fails",
            End = CrashEnd.Cancelled,
            GroupKey = Key,
            Timeout = TimeSpan.FromMinutes(30),
            PollDelay = SlowPoll,
            Other = FakeBuild.Fails(after: TimeSpan.FromSeconds(185)),
            SubmitAsync = static (orchestrator, submission, cancellationToken) => orchestrator.SubmitGroupAsync(new() { Key = Key, FailFast = true, Required = [submission, OtherOf(submission)] }, cancellationToken),
            Arrange = static ci => ci.EveryBuild(static _ => Runs),
        },
        new()
        {
            Name = "is replaced by another build while it runs",
            End = CrashEnd.Cancelled,
            Other = FakeBuild.Succeeds(),
            Arrange = static ci => ci.EveryBuild(static _ => Runs),
            Actions =
            [
                new(
                    static world => world.Ledger.Last is { Status: BuildStatus.Running },
                    static (orchestrator, build, cancellationToken) => orchestrator.SubmitAsync(Submissions.Of("build-2", runner: Other) with { Supersedes = new() { Key = build.Key } }, cancellationToken)),
            ],
        },
        new()
        {
            Name = "is submitted together with another build",
            End = new(BuildStatus.Succeeded),
            Other = FakeBuild.Succeeds(),
            SubmitAsync = static (orchestrator, submission, cancellationToken) => orchestrator.SubmitAllAsync([submission, OtherOf(submission)], cancellationToken),
            Arrange = static ci => ci.EveryBuild(static _ => Succeeds),
        },
    ];

    private static BuildSubmission OtherOf(BuildSubmission submission) => submission with { Key = "build-2", Runner = Other };
}
