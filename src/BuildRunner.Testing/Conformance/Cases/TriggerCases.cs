namespace BuildRunner.Testing;

/// <summary>Provides the cases for what Trigger builds and returns.</summary>
internal static class TriggerCases
{
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
        .. RejectionCases.All,
        new("T5", "Status resolves as soon as Trigger has returned", StatusResolves),
        new("T5", "Status of an ended build resolves", StatusOfEndedResolves) { Requires = BuildRunnerCapabilities.RunsBuilds },
        new("T5", "Another instance knows the build", OtherInstanceKnows) { Requires = BuildRunnerCapabilities.Durable },
        .. MetadataCases.All,
    ];

    private static async Task HeadIsBuilt(ConformanceRun run)
    {
        var (_, good) = await run.RunToEndAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var (_, bad) = await run.RunToEndAsync(ConformanceBuild.Fails).ConfigureAwait(false);
        ConformanceRun.Check(good.Status == BuildStatus.Succeeded, $"A build that should succeed has ended as {good.Status}.");
        ConformanceRun.Check(
            bad.Status != BuildStatus.Succeeded,
            $"A build with a broken head has ended as {bad.Status}; the head must be applied and validated.");
    }

    private static async Task BaseIsBuilt(ConformanceRun run)
    {
        var broken = await run.RequestAsync(ConformanceBuild.Fails).ConfigureAwait(false);
        var request = await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var (_, snapshot) = await run.RunToEndAsync(request with { Base = broken.Head }).ConfigureAwait(false);
        ConformanceRun.Check(
            snapshot.Status != BuildStatus.Succeeded,
            $"A build on a broken base has ended as {snapshot.Status}; the base must be applied, and the tree validated as a whole.");
    }

    private static async Task AppliedInOrder(ConformanceRun run)
    {
        var requests = await run.RequestsAsync(ConformanceBuild.Succeeds, 4).ConfigureAwait(false);
        var heads = requests.SelectMany(static request => request.Head).ToList();
        var request = new BuildRequest { Base = heads[..2], Head = heads[2..] };
        var (buildId, _) = await run.RunToEndAsync(request).ConfigureAwait(false);
        var applied = await run.Harness.GetAppliedChangesAsync(buildId, run.CancellationToken).ConfigureAwait(false)
            ?? throw new ConformanceSkipException("The harness cannot tell which changes were applied.");
        ConformanceRun.Check(
            applied.SequenceEqual(heads),
            $"The runner applied [{string.Join(", ", applied)}]; it must apply base, then head, in order: [{string.Join(", ", heads)}].");
    }

    private static async Task ReturnsPromptly(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.RunsLong).ConfigureAwait(false);
        var snapshot = await run.StatusAsync(buildId).ConfigureAwait(false);
        ConformanceRun.Check(
            !snapshot.Status.IsTerminal(),
            $"A long build is {snapshot.Status} when Trigger returns; Trigger must not wait for the end.");
    }

    private static async Task IdIsNotDefault(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        ConformanceRun.Check(!buildId.IsDefault, "Trigger returned a default id; it must identify the build.");
    }

    private static async Task IdsAreUnique(ConformanceRun run)
    {
        var requests = await run.RequestsAsync(ConformanceBuild.Succeeds, run.Harness.ParallelCalls).ConfigureAwait(false);
        var ids = await run.InParallelAsync(index => run.TriggerAsync(requests[index])).ConfigureAwait(false);
        CheckDistinct(ids);
    }

    private static async Task IdsAreNotReused(ConformanceRun run)
    {
        var (first, _) = await run.RunToEndAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        CheckDistinct([first, await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false)]);
    }

    private static async Task IdsAreUniqueAcrossInstances(ConformanceRun run)
    {
        List<BuildId> ids = [];
        for (var instance = 0; instance < 2; instance++)
        {
            var runner = run.CreateRunner();
            foreach (var request in await run.RequestsAsync(ConformanceBuild.Succeeds, 2).ConfigureAwait(false))
            {
                ids.Add(await run.TriggerAsync(runner, request).ConfigureAwait(false));
            }
        }

        CheckDistinct(ids);
    }

    private static async Task StatusResolves(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => run.StatusAsync(buildId), "Status").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is null,
            $"Right after Trigger, {ConformanceRun.Describe(thrown)}; Status must resolve the id, even if the backend's reads lag behind.",
            thrown);
    }

    private static async Task StatusOfEndedResolves(ConformanceRun run)
    {
        var (buildId, ended) = await run.RunToEndAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        await run.RunToEndAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => run.StatusAsync(buildId), "Status").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is null,
            $"After a build had ended as {ended.Status} and another had run, {ConformanceRun.Describe(thrown)}; Status must resolve the "
            + "id.",
            thrown);
    }

    private static async Task OtherInstanceKnows(ConformanceRun run)
    {
        var buildId = await run.TriggerAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var other = run.CreateRunner();
        var thrown = await run.CatchAsync(() => run.StatusAsync(buildId, other), "Status").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is null,
            $"From another instance, {ConformanceRun.Describe(thrown)}; a durable runner must know the builds of its backend.",
            thrown);
    }

    private static void CheckDistinct(IReadOnlyCollection<BuildId> ids)
    {
        var repeated = ids.GroupBy(static id => id).FirstOrDefault(static group => group.Count() > 1);
        ConformanceRun.Check(
            repeated is null,
            $"The id '{repeated?.Key}' was returned {repeated?.Count()} times; each trigger must return a new id.");
    }
}
