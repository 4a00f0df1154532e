namespace BuildRunner.Testing;

/// <summary>The cases of the clauses on Trigger but for keys.</summary>
internal static class TriggerCases
{
    private static readonly ConformanceFault[] Faults = [ConformanceFault.TimedOut, ConformanceFault.RateLimited, ConformanceFault.Refused, ConformanceFault.AnswerLost];

    public static IEnumerable<ConformanceCase> All =>
    [
        new("T1", "A broken head fails the build and a good one does not", HeadIsBuilt) { Requires = BuildRunnerCapabilities.RunsBuilds },
        new("T1", "A broken base fails the build", BaseIsBuilt) { Requires = BuildRunnerCapabilities.RunsBuilds },
        new("T1", "Base and then head are applied, in order", AppliedInOrder) { Requires = BuildRunnerCapabilities.RunsBuilds },
        new("T2", "Trigger returns before the build has ended", ReturnsPromptly) { Requires = BuildRunnerCapabilities.RunsBuilds },
        new("T3", "An id is never default", IdIsNotDefault),
        new("T3", "Ids are unique under concurrency", IdsAreUnique),
        new("T3", "An id is not used again when its build has ended", IdsAreNotReused),
        new("T3", "Ids are not used again by another instance", IdsAreUniqueAcrossInstances) { Requires = BuildRunnerCapabilities.Durable },
        new("T4", "A null request is refused", NullIsRefused),
        new("T4", "A rejected request throws and is not transient", RejectedThrows),
        new("T4", "A rejected request creates nothing", RejectedCreatesNothing),
        new("T4", "Whatever else Trigger throws, nothing was created", NothingIsCreated),
        new("T5", "Status resolves as soon as Trigger has returned", StatusResolves),
        new("T5", "Status of an ended build resolves", StatusOfEndedResolves) { Requires = BuildRunnerCapabilities.RunsBuilds },
        new("T5", "Another instance knows the build", OtherInstanceKnows) { Requires = BuildRunnerCapabilities.Durable },
        new("T6", "No key of metadata changes what becomes of a build", MetadataChangesNothing),
        new("T6", "Metadata comes back in the snapshot", MetadataComesBack) { Requires = BuildRunnerCapabilities.EchoesMetadata },
    ];

    private static async Task HeadIsBuilt(ConformanceRun run)
    {
        var good = await run.RunToEndAsync(run.Request(ConformanceBuild.Succeeds)).ConfigureAwait(false);
        var bad = await run.RunToEndAsync(run.Request(ConformanceBuild.Fails)).ConfigureAwait(false);
        ConformanceRun.Check(good.Snapshot.Status == BuildStatus.Succeeded, $"A build that should succeed has ended as {good.Snapshot.Status}.");
        ConformanceRun.Check(bad.Snapshot.Status != BuildStatus.Succeeded, $"A build whose head is broken has ended as {bad.Snapshot.Status}; the head must be applied and validated.");
    }

    private static async Task BaseIsBuilt(ConformanceRun run)
    {
        var request = run.Request(ConformanceBuild.Succeeds) with { Base = run.Request(ConformanceBuild.Fails).Head };
        var (_, snapshot) = await run.RunToEndAsync(request).ConfigureAwait(false);
        ConformanceRun.Check(snapshot.Status != BuildStatus.Succeeded, $"A build on a broken base has ended as {snapshot.Status}; the base must be applied, and the tree validated as a whole.");
    }

    private static async Task AppliedInOrder(ConformanceRun run)
    {
        var heads = Enumerable.Range(0, 4).SelectMany(_ => run.Request(ConformanceBuild.Succeeds).Head).ToList();
        ConformanceRun.Check(heads.Count >= 4, "The harness gives requests without a head; each needs one change at least.");
        var request = new BuildRequest { Base = heads[..2], Head = heads[2..] };
        var (buildId, _) = await run.RunToEndAsync(request).ConfigureAwait(false);
        var applied = await run.AskAsync(nameof(run.Harness.GetAppliedChangesAsync), () => run.Harness.GetAppliedChangesAsync(buildId, run.CancellationToken)).ConfigureAwait(false)
            ?? throw new ConformanceSkipException("The harness cannot tell what was applied.");
        ConformanceRun.Check(applied.SequenceEqual(heads), $"Applied were [{string.Join(", ", applied)}]; it must be base, then head, in order: [{string.Join(", ", heads)}].");
    }

    private static async Task ReturnsPromptly(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.RunsLong).ConfigureAwait(false);
        var snapshot = await run.StatusAsync(buildId).ConfigureAwait(false);
        ConformanceRun.Check(!snapshot.Status.IsTerminal(), $"A long build is {snapshot.Status} when Trigger returns; Trigger must not wait for the end.");
    }

    private static async Task IdIsNotDefault(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        ConformanceRun.Check(!buildId.IsDefault, "Trigger returned a default id; it must name the build.");
    }

    private static async Task IdsAreUnique(ConformanceRun run)
    {
        var requests = Enumerable.Range(0, run.Harness.ParallelCalls).Select(_ => run.Request(ConformanceBuild.Succeeds)).ToList();
        var ids = await run.InParallelAsync(index => run.TriggerAsync(requests[index])).ConfigureAwait(false);
        CheckDistinct(ids);
    }

    private static async Task IdsAreNotReused(ConformanceRun run)
    {
        var (first, _) = await run.RunToEndAsync(run.Request(ConformanceBuild.Succeeds)).ConfigureAwait(false);
        CheckDistinct([first, await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false)]);
    }

    private static async Task IdsAreUniqueAcrossInstances(ConformanceRun run)
    {
        List<BuildId> ids = [];
        for (var instance = 0; instance < 2; instance++)
        {
            var runner = run.CreateRunner();
            for (var trigger = 0; trigger < 2; trigger++)
            {
                ids.Add(await run.TriggerAsync(runner, run.Request(ConformanceBuild.Succeeds)).ConfigureAwait(false));
            }
        }

        CheckDistinct(ids);
    }

    private static async Task NullIsRefused(ConformanceRun run)
    {
        var thrown = await run.CatchAsync(() => run.Runner.TriggerAsync(null!, run.CancellationToken), "Trigger").ConfigureAwait(false);
        ConformanceRun.Check(thrown is ArgumentNullException, $"For a null request {ConformanceRun.Describe(thrown)}; it must be an ArgumentNullException.", thrown);
    }

    private static async Task RejectedThrows(ConformanceRun run)
    {
        var request = run.Request(ConformanceBuild.Rejected);
        var thrown = await run.CatchAsync(() => run.Runner.TriggerAsync(request, run.CancellationToken), "Trigger").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is BuildRunnerException { IsTransient: false } and not TriggerOutcomeUnknownException,
            $"For a rejected request {ConformanceRun.Describe(thrown)}; it must be a BuildRunnerException that is not transient.",
            thrown);
    }

    private static async Task RejectedCreatesNothing(ConformanceRun run)
    {
        var request = run.Request(ConformanceBuild.Rejected);
        var before = await run.CountCreatesAsync().ConfigureAwait(false);
        await run.CatchAsync(() => run.Runner.TriggerAsync(request, run.CancellationToken), "Trigger").ConfigureAwait(false);
        var created = await run.CountCreatesAsync().ConfigureAwait(false) - before;
        ConformanceRun.Check(created == 0, $"A rejected request created {created} builds; it must create none.");
    }

    private static async Task NothingIsCreated(ConformanceRun run)
    {
        var before = await run.CountCreatesAsync().ConfigureAwait(false);
        var isTried = false;
        foreach (var fault in Faults)
        {
            var request = run.Request(ConformanceBuild.Succeeds);
            if (await run.TryInjectAsync(fault, ConformanceCall.Trigger).ConfigureAwait(false) is not { } injection)
            {
                continue;
            }

            isTried = true;
            var thrown = await run.CatchAsync(() => run.Runner.TriggerAsync(request, run.CancellationToken), "Trigger").ConfigureAwait(false);
            ConformanceRun.CheckReached(injection, fault, ConformanceCall.Trigger);
            var after = await run.CountCreatesAsync().ConfigureAwait(false);
            ConformanceRun.Check(
                after == before || thrown is not BuildRunnerException or TriggerOutcomeUnknownException,
                $"Trigger created {after - before} builds when its call met the fault {fault}, and {ConformanceRun.Describe(thrown)}; that says that there is none, so it must be a TriggerOutcomeUnknownException.",
                thrown);
            before = after;
        }

        if (!isTried)
        {
            throw new ConformanceSkipException("The harness can inject no fault into Trigger.");
        }
    }

    private static async Task StatusResolves(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => run.Runner.StatusAsync(buildId, run.CancellationToken), "Status").ConfigureAwait(false);
        ConformanceRun.Check(thrown is null, $"Right after Trigger, {ConformanceRun.Describe(thrown)}; Status must resolve, also where the backend's reads lag behind.", thrown);
    }

    private static async Task StatusOfEndedResolves(ConformanceRun run)
    {
        var (buildId, ended) = await run.RunToEndAsync(run.Request(ConformanceBuild.Succeeds)).ConfigureAwait(false);
        await run.RunToEndAsync(run.Request(ConformanceBuild.Succeeds)).ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => run.Runner.StatusAsync(buildId, run.CancellationToken), "Status").ConfigureAwait(false);
        ConformanceRun.Check(thrown is null, $"After the build had ended as {ended.Status} and another had run, {ConformanceRun.Describe(thrown)}; Status must resolve.", thrown);
    }

    private static async Task OtherInstanceKnows(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var other = run.CreateRunner();
        var thrown = await run.CatchAsync(() => other.StatusAsync(buildId, run.CancellationToken), "Status").ConfigureAwait(false);
        ConformanceRun.Check(thrown is null, $"From another instance, {ConformanceRun.Describe(thrown)}; a durable runner must know the builds of its backend.", thrown);
    }

    private static async Task MetadataChangesNothing(ConformanceRun run)
    {
        BuildMetadata tempting =
        [
            new(BuildMetadataKeys.NativeState, "cancelled"),
            new(BuildMetadataKeys.FailureKind, BuildFailureKinds.Code),
            new(BuildMetadataKeys.FailedSide, BuildFailedSides.Head),
            new("status", "failed"),
            new("dry_run", "true"),
            new("", ""),
        ];
        var (_, plain) = await EndAsync(run, BuildMetadata.Empty).ConfigureAwait(false);
        var (_, tempted) = await EndAsync(run, tempting).ConfigureAwait(false);
        ConformanceRun.Check(tempted.Status == plain.Status, $"With metadata the build has ended as {tempted.Status}, without as {plain.Status}; metadata must not change what the runner does.");
    }

    private static Task<(BuildId BuildId, BuildSnapshot Snapshot)> EndAsync(ConformanceRun run, BuildMetadata metadata) =>
        run.RunToEndAsync(run.Request(ConformanceBuild.Succeeds) with { Metadata = metadata });

    private static async Task MetadataComesBack(ConformanceRun run)
    {
        BuildMetadata given = [new("conformance_first", "1"), new("conformance_second", "zweï \"☃\" 2")];
        var buildId = await run.TriggerAsync(run.Request(ConformanceBuild.Succeeds) with { Metadata = given }).ConfigureAwait(false);
        CheckEchoed(given, await run.StatusAsync(buildId).ConfigureAwait(false));
        CheckEchoed(given, await run.WaitForEndAsync(buildId).ConfigureAwait(false));
    }

    private static void CheckEchoed(BuildMetadata given, BuildSnapshot snapshot)
    {
        var missing = given.FirstOrDefault(pair => snapshot.Metadata.GetValueOrDefault(pair.Key) != pair.Value).Key;
        ConformanceRun.Check(missing is null, $"While the build was {snapshot.Status}, the metadata key '{missing}' did not come back as it was given.");
    }

    private static void CheckDistinct(IReadOnlyCollection<BuildId> ids)
    {
        var repeated = ids.GroupBy(static id => id).FirstOrDefault(static group => group.Count() > 1);
        ConformanceRun.Check(repeated is null, $"The id '{repeated?.Key}' was given {repeated?.Count()} times; each trigger must give an id of its own.");
    }
}
