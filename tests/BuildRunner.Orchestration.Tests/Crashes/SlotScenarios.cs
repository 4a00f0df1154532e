namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>The lives of builds that wait for a slot, for an interval, or for the end of a hold.</summary>
internal static class SlotScenarios
{
    private const string Dispatch = "builddispatch.ci";
    private const int Attempts = StageProcess.MaxAttempts;

    private static readonly FakeBuild Succeeds = FakeBuild.WaitsFor(TimeSpan.FromSeconds(5), FakeBuild.Succeeds(after: TimeSpan.FromSeconds(10)));

    public static IReadOnlyList<CrashScenario> All { get; } =
    [
        new()
        {
            Name = "waits for the slot of another one",
            HasNeighbour = true,
            End = new(BuildStatus.Succeeded),
            Configure = static options => options.MaxInFlight = 1,
            Arrange = static ci => ci.EveryBuild(static _ => Succeeds),
        },
        new()
        {
            Name = "waits for the slot of another one and is cancelled",
            HasNeighbour = true,
            MayCreateNone = true,
            End = CrashEnd.Cancelled,
            Configure = static options => options.MaxInFlight = 1,
            Arrange = static ci => ci.EveryBuild(static _ => FakeBuild.RunsUntilCancelled()),

            // After a hit it may be the one that is let in first.
            Actions = [new(static world => world.Ledger.Last is { Bookkeeping.Line: not null } or { Status: BuildStatus.Running }, static (builds, build, token) => builds.CancelAsync(build.Id, cancellationToken: token))],
        },
        new()
        {
            Name = "waits while its runner is held",
            End = new(BuildStatus.Succeeded),
            Arrange = static ci => ci.EveryBuild(static _ => Succeeds),
            Actions =
            [
                new(static _ => true, static (builds, build, token) => builds.PauseRunnerAsync(build.Runner, new() { Holds = true, By = "test" }, token)),
                new(static world => world.Ledger.Last is { Bookkeeping.Line: not null }, static (builds, build, token) => builds.ResumeRunnerAsync(build.Runner, "test", cancellationToken: token)),
            ],
        },
        new()
        {
            Name = "waits for an interval after another one",
            HasNeighbour = true,
            End = new(BuildStatus.Succeeded),
            Configure = static options => (options.MaxInFlight, options.MinInterval) = (1, TimeSpan.FromSeconds(30)),
            Arrange = static ci => ci.EveryBuild(static _ => Succeeds),
        },
        new()
        {
            Name = "fails, and a cooldown begins",
            HasNeighbour = true,
            End = CrashEnd.Infra,
            Configure = static options => (options.MaxInFlight, options.CooldownAfter, options.Cooldown) = (1, 1, TimeSpan.FromMinutes(1)),
            Arrange = static ci => ci.EveryBuild(static _ => FakeBuild.Fails() with { Metadata = [new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Infra)] }),
        },
        new()
        {
            Name = "is refused for so long that it leaves its slot",
            HasNeighbour = true,
            End = new(BuildStatus.Succeeded),
            Configure = static options => options.MaxInFlight = 1,
            Arrange = static ci =>
            {
                ci.EveryBuild(static _ => Succeeds);
                ci.NextTrigger(FakeFailure.RateLimited(TimeSpan.FromMinutes(2)));
            },
        },
        new()
        {
            Name = "waits for a slot, fails by its infrastructure, and waits for a slot again",
            HasNeighbour = true,
            End = new(BuildStatus.Succeeded),
            EndIfCancelled = CrashEnd.Infra,
            Attempts = 2,
            Retry = new() { MaxAttempts = 2 },
            Configure = static options => options.MaxInFlight = 1,
            Arrange = static ci =>
            {
                ci.NextBuild(FakeBuild.Fails(after: TimeSpan.FromSeconds(5), BuildFailureKinds.Infra));
                ci.EveryBuild(static _ => Succeeds);
            },
        },
        new()
        {
            Name = "waits, and the message that lets it in becomes a dead letter",
            End = new(BuildStatus.Succeeded),
            Configure = static options => options.MaxInFlight = 1,
            Arrange = static ci => ci.EveryBuild(static _ => Succeeds),
            Fails = static (world, call) => call is { Topic: Dispatch, Member: "store.line" } && world.Failures < Attempts,
        },
    ];
}
