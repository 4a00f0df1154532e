namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>The lives that the matrix hits at each of their moments. Times are such that by whatever jitter there are as many polls.</summary>
internal static class CrashScenarios
{
    private const string Trigger = "build.ci";
    private const string Signal = "buildsignal.ci";

    private static readonly TimeSpan Grace = new BuildRunnerOptions().Grace;

    /// <summary>Polls before a deadline after 10 minutes are after 0, 4 and 8 minutes, and one more up to the end of the grace.</summary>
    private static readonly TimeSpan SlowPoll = TimeSpan.FromMinutes(4);

    /// <summary>The first poll finds it accepted, the second running, the third ended.</summary>
    private static readonly FakeBuild Succeeds = FakeBuild.WaitsFor(TimeSpan.FromSeconds(5), FakeBuild.Succeeds(after: TimeSpan.FromSeconds(10)));

    private static readonly FakeBuild Runs = FakeBuild.RunsUntilCancelled();

    public static IReadOnlyList<CrashScenario> All { get; } =
    [
        .. LimitScenarios.All,
        new()
        {
            Name = "succeeds",
            IsHitTwice = true,
            End = new(BuildStatus.Succeeded),
            Arrange = static ci => ci.EveryBuild(static _ => Succeeds),
        },
        new()
        {
            Name = "fails",
            End = new(BuildStatus.Failed, BuildFailureKinds.Code),
            Arrange = static ci => ci.EveryBuild(static _ => FakeBuild.Fails(after: TimeSpan.FromSeconds(5))),
        },
        new()
        {
            Name = "is cancelled at its deadline",
            End = CrashEnd.Timeout,
            EndsAfter = TimeSpan.FromMinutes(10),
            PollDelay = SlowPoll,
            Arrange = static ci => ci.EveryBuild(static _ => Runs),
        },
        new()
        {
            Name = "is cancelled at its deadline, though the message of that becomes a dead letter",
            End = CrashEnd.Timeout,
            EndsAfter = TimeSpan.FromMinutes(10),
            PollDelay = SlowPoll,
            Arrange = static ci => ci.EveryBuild(static _ => Runs),
            Fails = static (_, call) => call is { Topic: BuildTopics.Deadline, Member: "store.read" },
        },
        new()
        {
            Name = "ignores the cancel at its deadline",
            End = CrashEnd.Timeout,
            MayRunOn = true,
            EndsAfter = TimeSpan.FromMinutes(10) + Grace,
            PollDelay = SlowPoll,
            Arrange = static ci => ci.EveryBuild(static _ => Runs with { IgnoresCancelFor = Timeout.InfiniteTimeSpan }),
        },
        new()
        {
            Name = "is cancelled while it runs, and the first cancels fail",
            End = CrashEnd.Cancelled,
            Arrange = static ci =>
            {
                ci.EveryBuild(static _ => Runs);
                ci.NextCancel(FakeFailure.CancelRefused());
                ci.NextCancel(FakeFailure.RateLimited(TimeSpan.FromSeconds(30)));
            },
            Actions = [new(static world => world.Ledger.Last is { Status: BuildStatus.Running }, Cancel)],
        },
        new()
        {
            Name = "is cancelled before it is triggered",
            End = CrashEnd.Cancelled,
            CreatesNone = true,
            Arrange = static ci =>
            {
                ci.EveryBuild(static _ => Runs);
                ci.EveryTrigger(FakeFailure.Transient(retryAfter: TimeSpan.FromMinutes(2)));
            },
            Actions = [new(static world => world.Ci.Triggers.Count > 0, Cancel)],
        },
        new()
        {
            Name = "is triggered after transient errors",
            End = new(BuildStatus.Succeeded),
            Arrange = static ci =>
            {
                ci.EveryBuild(static _ => Succeeds);
                ci.NextTrigger(FakeFailure.Transient());
                ci.NextTrigger(FakeFailure.RateLimited(TimeSpan.FromSeconds(30)));
            },
        },
        new()
        {
            Name = "is rejected",
            End = CrashEnd.Rejected,
            CreatesNone = true,
            Arrange = static ci => ci.EveryTrigger(FakeFailure.Permanent()),
        },
        new()
        {
            Name = "waits until the setup of the runner is mended",
            End = new(BuildStatus.Succeeded),
            TriggerFaults = 2,
            StatusFaults = 2,
            Arrange = static ci => ci.EveryBuild(static _ => Succeeds),
        },
        new()
        {
            Name = "waits for the setup of the runner until its deadline",
            End = CrashEnd.Timeout,
            CreatesNone = true,
            TriggerFaults = int.MaxValue,
            FaultsRetryAfter = SlowPoll,
            EndsAfter = TimeSpan.FromMinutes(10),
        },
        new()
        {
            Name = "is cancelled while it runs, and the setup of the runner refuses the first cancels",
            End = CrashEnd.Cancelled,
            CancelFaults = 2,
            Arrange = static ci => ci.EveryBuild(static _ => Runs),
            Actions = [new(static world => world.Ledger.Last is { Status: BuildStatus.Running }, Cancel)],
        },
        new()
        {
            Name = "succeeds in the grace, while no process is there",
            End = new(BuildStatus.Succeeded),
            PollDelay = SlowPoll,
            Outage = 4 * Grace,
            Arrange = static ci =>
            {
                ci.NextBuild(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(12)) with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });
                ci.EveryBuild(static _ => Runs);
            },
        },
        new()
        {
            Name = "is triggered, the answer is lost and the first lookup fails",
            End = CrashEnd.Cancelled,
            EndWithoutFinding = CrashEnd.Infra,
            FindErrors = 1,
            Arrange = static ci =>
            {
                ci.EveryBuild(static _ => Runs);
                ci.NextTrigger(FakeFailure.AnswerLost());
            },
            Actions = [new(static world => world.Ledger.Last is { Status: BuildStatus.Running }, Cancel)],
        },
        new()
        {
            Name = "is not triggered, and that is not known",
            End = new(BuildStatus.Succeeded),
            EndWithoutFinding = CrashEnd.Infra,
            Arrange = static ci =>
            {
                ci.EveryBuild(static _ => Succeeds);
                ci.NextTrigger(FakeFailure.TimesOut());
            },
        },
        new()
        {
            Name = "is cancelled while it is not known whether it was triggered",
            IsHitTwice = true,
            End = CrashEnd.Cancelled,
            EndWithoutFinding = CrashEnd.Infra,
            Arrange = static ci =>
            {
                ci.EveryBuild(static _ => Runs);
                ci.NextTrigger(FakeFailure.AnswerLost());
            },
            Actions = [new(static world => world.Ci.Triggers.Count > 0, Cancel)],
        },
        new()
        {
            Name = "succeeds after polls that failed",
            End = new(BuildStatus.Succeeded),
            Arrange = static ci =>
            {
                ci.EveryBuild(static _ => Succeeds);
                ci.NextStatus(FakeFailure.Transient());
                ci.NextStatus(FakeFailure.RateLimited(TimeSpan.FromSeconds(30)));
                ci.NextStatus(FakeFailure.AnswerLost());
            },
        },
        new()
        {
            Name = "vanishes",
            End = CrashEnd.Infra,
            PollDelay = SlowPoll,
            Arrange = static ci => ci.EveryBuild(static _ => Runs with { VanishesAfter = TimeSpan.FromMinutes(3) }),
            Timeout = TimeSpan.FromMinutes(30),
        },
        new()
        {
            Name = "is not triggered, because its message becomes a dead letter",
            End = CrashEnd.Infra,
            CreatesNone = true,
            Fails = static (_, call) => call is { Topic: Trigger, Member: "store.read" },
        },
        new()
        {
            Name = "is triggered, and its message becomes a dead letter",
            End = CrashEnd.Infra,
            EndWithoutFinding = CrashEnd.Infra,
            Arrange = static ci => ci.EveryBuild(static _ => Runs),
            Fails = static (world, call) => call is { Topic: Trigger, Member: "store.read" or "store.update" } && world.Ci.Triggers.Count > 0 && !world.HasEnded,
        },
        new()
        {
            Name = "is triggered, its message becomes a dead letter and the first lookup fails",
            End = CrashEnd.Infra,
            EndWithoutFinding = CrashEnd.Infra,
            FindErrors = 1,
            Arrange = static ci => ci.EveryBuild(static _ => Runs),
            Fails = static (world, call) => call is { Topic: Trigger, Member: "store.read" or "store.update" } && world.Ci.Triggers.Count > 0 && !world.HasEnded,
        },
        new()
        {
            Name = "runs, and its message becomes a dead letter",
            End = CrashEnd.Infra,
            Arrange = static ci => ci.EveryBuild(static _ => Runs),
            Fails = static (world, call) => call is { Topic: Signal, Member: "store.read" } && world.Ledger.Last is { Status: BuildStatus.Running },
        },
        new()
        {
            Name = "succeeds while its message becomes a dead letter",
            End = new(BuildStatus.Succeeded),
            Arrange = static ci => ci.EveryBuild(static _ => Succeeds),
            Fails = static (world, call) => call is { Topic: Signal, Member: "store.read" } && world.Ledger.Last is { Status: BuildStatus.Running },
        },
        new()
        {
            Name = "runs, its message becomes a dead letter and the cancel fails",
            End = CrashEnd.Infra,
            MayRunOn = true,
            Arrange = static ci =>
            {
                ci.EveryBuild(static _ => Runs);
                ci.EveryCancel(FakeFailure.CancelRefused());
            },
            Fails = static (world, call) => call is { Topic: Signal, Member: "store.read" } && world.Ledger.Last is { Status: BuildStatus.Running },
        },
        new()
        {
            Name = "succeeds, and its owner fails to take note at first",
            End = new(BuildStatus.Succeeded),
            Arrange = static ci => ci.EveryBuild(static _ => Succeeds),
            Fails = static (world, call) => call.Member == "observer.changed" && world.Failures < 3,
        },
        new()
        {
            Name = "succeeds and is signalled",
            End = new(BuildStatus.Succeeded),
            Arrange = static ci => ci.EveryBuild(static _ => Succeeds),
            Actions =
            [
                new(static world => world.Ledger.Last is { RemoteId: not null }, Hasten),
                new(static world => world.Ledger.Last is { Status: BuildStatus.Running }, Hasten),
            ],
        },
        .. GroupScenarios.All,
        .. SlotScenarios.All,
    ];

    private static Task<Build?> Cancel(IBuildOrchestrator orchestrator, Build build, CancellationToken cancellationToken) => orchestrator.CancelAsync(build.Id, cancellationToken: cancellationToken);

    private static Task<bool> Hasten(IBuildOrchestrator orchestrator, Build build, CancellationToken cancellationToken) => orchestrator.SignalAsync(build.Runner, build.RemoteId!.Value, cancellationToken);
}
