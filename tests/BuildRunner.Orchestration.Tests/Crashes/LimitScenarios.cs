namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>The lives of builds that a limit ends, that are tried again, or whose end settles.</summary>
internal static class LimitScenarios
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>One poll between the first and the limit.</summary>
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(35);

    private static readonly RetryOptions Twice = new() { MaxAttempts = 2 };

    private static readonly FakeBuild Infra = FakeBuild.Fails(after: TimeSpan.FromSeconds(5), BuildFailureKinds.Infra);

    private static readonly FakeBuild Waits = FakeBuild.WaitsFor(Timeout.InfiniteTimeSpan, FakeBuild.Succeeds());

    // The CI cancels it.
    private static readonly FakeBuild IsCancelled = FakeBuild.Succeeds(after: TimeSpan.FromSeconds(5)) with { End = BuildStatus.Cancelled };

    public static IReadOnlyList<CrashScenario> All { get; } =
    [
        new()
        {
            Name = "is not run in time",
            End = CrashEnd.Timeout,
            EndsAfter = Minute,
            PendingTimeout = Minute,
            PollDelay = Poll,
            Arrange = static ci => ci.EveryBuild(static _ => Waits),
        },
        new()
        {
            Name = "runs for too long",
            End = CrashEnd.Timeout,
            EndsAfter = Minute,
            RunTimeout = Minute,
            PollDelay = Poll,
            Arrange = static ci => ci.EveryBuild(static _ => FakeBuild.RunsUntilCancelled()),
        },
        new()
        {
            Name = "is not run in time, and is tried again",
            End = new(BuildStatus.Succeeded),
            Attempts = 2,
            Retry = Twice,
            PendingTimeout = Minute,
            PollDelay = Poll,
            Arrange = static ci =>
            {
                ci.NextBuild(Waits);
                ci.EveryBuild(static _ => FakeBuild.Succeeds());
            },
        },
        new()
        {
            Name = "is tried again after the infrastructure has failed",
            End = new(BuildStatus.Succeeded),
            Attempts = 2,
            EndIfCancelled = CrashEnd.Infra,
            Retry = Twice,
            Arrange = static ci =>
            {
                ci.NextBuild(Infra);
                ci.EveryBuild(static _ => FakeBuild.Succeeds());
            },
        },
        new()
        {
            Name = "is tried again after the infrastructure has failed while its message became a dead letter",
            End = new(BuildStatus.Succeeded),
            Attempts = 2,
            EndIfCancelled = CrashEnd.Infra,
            Retry = Twice,
            Arrange = static ci =>
            {
                ci.NextBuild(Infra);
                ci.EveryBuild(static _ => FakeBuild.Succeeds());
            },
            Fails = static (world, call) => call is { Topic: "buildsignal.ci", Member: "store.read" } && world.Ledger.Last is { Attempt: 1, Status: BuildStatus.Running },
        },
        new()
        {
            Name = "fails again when it is tried again",
            End = CrashEnd.Infra,
            Attempts = 2,
            Retry = Twice,
            Arrange = static ci => ci.EveryBuild(static _ => Infra),
        },
        new()
        {
            Name = "is cancelled between two attempts",
            End = CrashEnd.Cancelled,
            EndIfCancelled = CrashEnd.Infra,
            Retry = Twice with { Delay = 2 * Minute },
            Arrange = static ci => ci.EveryBuild(static _ => Infra),
            Actions =
            [
                new(
                    static world => world.Ledger.Last is { Attempt: 2, RemoteId: null },
                    static (orchestrator, build, cancellationToken) => orchestrator.CancelAsync(build.Id, cancellationToken: cancellationToken)),
            ],
        },
        new()
        {
            Name = "is not tried again, because the budget is spent",
            End = CrashEnd.Infra,
            Retry = Twice with { BudgetPerHour = 0 },
            Arrange = static ci => ci.EveryBuild(static _ => Infra),
        },
        new()
        {
            Name = "is cancelled by its CI",
            End = CrashEnd.Cancelled,
            EndsAfter = TimeSpan.FromSeconds(35),
            PollDelay = TimeSpan.FromSeconds(20),
            Arrange = static ci => ci.EveryBuild(static _ => IsCancelled),
        },
        new()
        {
            Name = "is cancelled by its CI, and is tried again",
            End = new(BuildStatus.Succeeded),
            Attempts = 2,
            Retry = Twice,
            PollDelay = TimeSpan.FromSeconds(20),
            Arrange = static ci =>
            {
                ci.NextBuild(IsCancelled);
                ci.EveryBuild(static _ => FakeBuild.Succeeds());
            },
        },
    ];
}
