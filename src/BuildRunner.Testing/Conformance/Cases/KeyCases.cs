namespace BuildRunner.Testing;

/// <summary>Provides the cases for trigger keys.</summary>
internal static class KeyCases
{
    private const int LongestKey = 255;
    private const BuildRunnerCapabilities AnyKeys = BuildRunnerCapabilities.FindsByKey | BuildRunnerCapabilities.IdempotentTrigger;

    public static IEnumerable<ConformanceCase> All =>
    [
        new("T7", "A later trigger with the same key gives the same build", SameKeySameBuild) { RequiresAny = AnyKeys },
        new("T7", "An ended build keeps its key", EndedKeepsKey) { RequiresAny = AnyKeys, Requires = BuildRunnerCapabilities.RunsBuilds },
        new("T7", "The same key with another head is refused", OtherHeadIsRefused) { RequiresAny = AnyKeys },
        new("T7", "The same key with another base is refused", OtherBaseIsRefused) { RequiresAny = AnyKeys },
        new("T7", "Another key gives another build", OtherKeyOtherBuild) { RequiresAny = AnyKeys },
        new("T7", "Keys are told apart to the last of their characters", KeysAreExact) { RequiresAny = AnyKeys },
        new("T7", "The build is found by its key", FoundByKey) { Requires = BuildRunnerCapabilities.FindsByKey },
        new("T7", "A key that was never used finds nothing", UnusedKeyFindsNothing) { Requires = BuildRunnerCapabilities.FindsByKey },
        new("T7", "From another instance the same key gives the same build", OtherInstanceSameBuild)
        {
            RequiresAny = AnyKeys,
            Requires = BuildRunnerCapabilities.Durable,
        },
        new("T7", "Another instance finds the build by its key", OtherInstanceFinds)
        {
            Requires = BuildRunnerCapabilities.FindsByKey | BuildRunnerCapabilities.Durable,
        },
        new("T7", "After a lost answer the build is found by its key", LostAnswerIsFound) { Requires = BuildRunnerCapabilities.FindsByKey },
        new("T7", "IBuildFinder is there if, and only if, the runner finds by key", FinderIsDeclared),
        new("T7", "Concurrent triggers with the same key give one build", ConcurrentKeyOneBuild)
        {
            Requires = BuildRunnerCapabilities.IdempotentTrigger,
        },
        new("T7", "Concurrent triggers with the same key from several instances give one build", InstancesKeyOneBuild)
        {
            Requires = BuildRunnerCapabilities.IdempotentTrigger | BuildRunnerCapabilities.Durable,
        },
        new("T7", "After a lost answer the same key gives the one build", LostAnswerKeyOneBuild)
        {
            Requires = BuildRunnerCapabilities.IdempotentTrigger,
        },
        new("T7", "Nothing but a key that the runner goes by gives the same build", OnlyKeysCount),
    ];

    public static string NewKey() => $"conformance-{Guid.NewGuid():N}";

    private static async Task<BuildRequest> KeyedAsync(ConformanceRun run) =>
        await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false) with { TriggerKey = NewKey() };

    private static async Task SameKeySameBuild(ConformanceRun run)
    {
        var before = await run.TryCountCreatesAsync().ConfigureAwait(false);
        var request = await KeyedAsync(run).ConfigureAwait(false);
        CheckSame(await run.TriggerAsync(request).ConfigureAwait(false), await run.TriggerAsync(request).ConfigureAwait(false));
        await CheckOneCreateAsync(run, before).ConfigureAwait(false);
    }

    private static async Task EndedKeepsKey(ConformanceRun run)
    {
        var request = await KeyedAsync(run).ConfigureAwait(false);
        var (buildId, _) = await run.RunToEndAsync(request).ConfigureAwait(false);
        CheckSame(buildId, await run.TriggerAsync(request).ConfigureAwait(false));
    }

    private static Task OtherHeadIsRefused(ConformanceRun run) =>
        OtherBodyIsRefused(run, static (first, other) => first with { Head = other.Head }, "head");

    private static Task OtherBaseIsRefused(ConformanceRun run) =>
        OtherBodyIsRefused(run, static (first, other) => first with { Base = other.Head }, "base");

    private static async Task OtherBodyIsRefused(ConformanceRun run, Func<BuildRequest, BuildRequest, BuildRequest> change, string side)
    {
        var first = await KeyedAsync(run).ConfigureAwait(false);
        var second = change(first, await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false));
        await run.TriggerAsync(first).ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => run.Runner.TriggerAsync(second, run.CancellationToken), "Trigger").ConfigureAwait(false);
        ConformanceRun.Check(
            RejectionCases.IsOfTheRequest(thrown),
            $"For the same key with another {side}, {ConformanceRun.Describe(thrown)}; it must be a BuildRunnerException that is not "
            + "transient, and none of its subclasses in the contract.",
            thrown);
    }

    private static async Task OtherKeyOtherBuild(ConformanceRun run)
    {
        var request = await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var first = await run.TriggerAsync(request with { TriggerKey = NewKey() }).ConfigureAwait(false);
        var second = await run.TriggerAsync(request with { TriggerKey = NewKey() }).ConfigureAwait(false);
        ConformanceRun.Check(
            first != second,
            $"Two keys returned the same build '{first}'; a retry has a new key and must get a new build.");
    }

    // Keys that are stored in labels or file names are truncated, lower-cased or cleaned.
    private static async Task KeysAreExact(ConformanceRun run)
    {
        var request = await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false);
        var stem = NewKey().PadRight(LongestKey - 1, 'x');
        Dictionary<BuildId, string> builds = [];
        foreach (var last in new[] { "a", "b", "A", "/", "-", ".", " ", "é" })
        {
            var key = stem + last;
            var buildId = await run.TriggerAsync(request with { TriggerKey = key }).ConfigureAwait(false);
            ConformanceRun.Check(
                builds.TryAdd(buildId, key),
                $"The keys '{builds.GetValueOrDefault(buildId)}' and '{key}' returned the same build '{buildId}'; a key has 1 to 255 "
                + "characters, and all of them count.");
            if (run.Has(BuildRunnerCapabilities.FindsByKey))
            {
                var found = await FindAsync(run, run.Finder, key).ConfigureAwait(false);
                ConformanceRun.Check(found == buildId, $"Find returned '{found}' for the key '{key}' of the build '{buildId}'.");
            }
        }
    }

    private static async Task FoundByKey(ConformanceRun run)
    {
        var request = await KeyedAsync(run).ConfigureAwait(false);
        var buildId = await run.TriggerAsync(request).ConfigureAwait(false);
        var found = await FindAsync(run, run.Finder, request.TriggerKey!).ConfigureAwait(false);
        ConformanceRun.Check(found == buildId, $"Find returned '{found}' for the key of the build '{buildId}'.");
    }

    private static async Task UnusedKeyFindsNothing(ConformanceRun run)
    {
        var found = await FindAsync(run, run.Finder, NewKey()).ConfigureAwait(false);
        ConformanceRun.Check(found is null, $"Find returned '{found}' for a key that was never used; it must return null.");
    }

    private static async Task OtherInstanceSameBuild(ConformanceRun run)
    {
        var request = await KeyedAsync(run).ConfigureAwait(false);
        CheckSame(
            await run.TriggerAsync(request).ConfigureAwait(false),
            await run.TriggerAsync(run.CreateRunner(), request).ConfigureAwait(false));
    }

    private static async Task OtherInstanceFinds(ConformanceRun run)
    {
        var request = await KeyedAsync(run).ConfigureAwait(false);
        var buildId = await run.TriggerAsync(request).ConfigureAwait(false);
        var found = await FindAsync(run, ConformanceRun.FinderOf(run.CreateRunner()), request.TriggerKey!).ConfigureAwait(false);
        ConformanceRun.Check(
            found == buildId,
            $"Find of another instance returned '{found}' for the key of the build '{buildId}'; after a restart there is no other way to "
            + "find it.");
    }

    private static async Task LostAnswerIsFound(ConformanceRun run)
    {
        var before = await run.TryCountCreatesAsync().ConfigureAwait(false);
        var request = await KeyedAsync(run).ConfigureAwait(false);
        var given = await CreateCases.LoseAnswerAsync(run, request).ConfigureAwait(false);

        // Nothing may be found while the backend is still handling the trigger.
        var found = await run.WaitUntilAsync(
            () => FindAsync(run, run.Finder, request.TriggerKey!),
            static found => found is not null,
            static _ =>
                "A trigger with a lost answer is not found by its key; the caller has no other way to find it.").ConfigureAwait(false);
        CheckSame([found!.Value, given ?? found.Value]);
        await CheckOneCreateAsync(run, before).ConfigureAwait(false);
        var thrown = await run.CatchAsync(() => run.StatusAsync(found.Value), "Status").ConfigureAwait(false);
        ConformanceRun.Check(
            thrown is null,
            $"For Status of the build '{found}', which Find returned, {ConformanceRun.Describe(thrown)}.",
            thrown);
    }

    private static Task FinderIsDeclared(ConformanceRun run)
    {
        var implements = run.Runner.As<IBuildFinder>() is not null;
        var declares = run.Has(BuildRunnerCapabilities.FindsByKey);
        ConformanceRun.Check(implements == declares, implements
            ? "The runner implements IBuildFinder but does not declare FindsByKey; a durable caller would rely on it."
            : "The runner declares FindsByKey but As<IBuildFinder>() returns null.");
        return Task.CompletedTask;
    }

    private static async Task ConcurrentKeyOneBuild(ConformanceRun run)
    {
        var before = await run.TryCountCreatesAsync().ConfigureAwait(false);
        var request = await KeyedAsync(run).ConfigureAwait(false);
        CheckSame(await run.InParallelAsync(_ => run.TriggerAsync(request)).ConfigureAwait(false));
        await CheckOneCreateAsync(run, before).ConfigureAwait(false);
    }

    private static async Task InstancesKeyOneBuild(ConformanceRun run)
    {
        var before = await run.TryCountCreatesAsync().ConfigureAwait(false);
        var request = await KeyedAsync(run).ConfigureAwait(false);
        var runners = Enumerable.Range(0, run.Harness.ParallelCalls).Select(_ => run.CreateRunner()).ToList();
        CheckSame(await run.InParallelAsync(index => run.TriggerAsync(runners[index], request)).ConfigureAwait(false));
        await CheckOneCreateAsync(run, before).ConfigureAwait(false);
    }

    private static async Task LostAnswerKeyOneBuild(ConformanceRun run)
    {
        var before = await run.TryCountCreatesAsync().ConfigureAwait(false);
        var request = await KeyedAsync(run).ConfigureAwait(false);
        var given = await CreateCases.LoseAnswerAsync(run, request).ConfigureAwait(false);
        var later = await run.TriggerAsync(request).ConfigureAwait(false);
        CheckSame(given ?? later, later, await run.TriggerAsync(request).ConfigureAwait(false));
        await CheckOneCreateAsync(run, before).ConfigureAwait(false);
    }

    private static async Task OnlyKeysCount(ConformanceRun run)
    {
        var goesByKeys = run.Has(BuildRunnerCapabilities.FindsByKey) || run.Has(BuildRunnerCapabilities.IdempotentTrigger);
        var request = await run.RequestAsync(ConformanceBuild.Succeeds).ConfigureAwait(false) with
        {
            TriggerKey = goesByKeys ? null : NewKey(),
        };
        var first = await run.TriggerAsync(request).ConfigureAwait(false);
        var second = await run.TriggerAsync(request).ConfigureAwait(false);
        ConformanceRun.Check(first != second, goesByKeys
            ? $"Two triggers of the same request without a key returned the same build '{first}'; only a key may do that."
            : $"Two triggers with the same key returned the same build '{first}'; a runner that declares neither FindsByKey nor "
            + "IdempotentTrigger must ignore the key.");
    }

    private static Task<BuildId?> FindAsync(ConformanceRun run, IBuildFinder finder, string key) =>
        run.CompleteAsync(() => finder.FindAsync(key, run.CancellationToken), "Find");

    // Equal ids may hide a second build, but if the harness cannot count they have to do.
    private static async Task CheckOneCreateAsync(ConformanceRun run, int? before)
    {
        var created = await run.TryCountCreatesAsync().ConfigureAwait(false) - before;
        ConformanceRun.Check(created is null or 1, $"Triggers with the same key created {created} builds; they must create one.");
    }

    private static void CheckSame(params IReadOnlyCollection<BuildId> ids)
    {
        var distinct = ids.Distinct().ToList();
        ConformanceRun.Check(
            distinct.Count == 1,
            $"Triggers with the same key returned {distinct.Count} builds ({string.Join(", ", distinct)}); they must return one.");
    }
}
