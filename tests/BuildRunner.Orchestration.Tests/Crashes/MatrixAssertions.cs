namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>The invariants that hold after each run, regardless of the moment of the hit.</summary>
internal static class MatrixAssertions
{
    /// <summary>The maximum delay of the queue and the steps.</summary>
    private static readonly TimeSpan Lateness = TimeSpan.FromMinutes(2);

    /// <summary>The maximum time for a last answer of the runner: a wait for its turn, and three calls.</summary>
    private static readonly TimeSpan LastCall = TimeSpan.FromMinutes(1) + (3 * new BuildRunnerOptions().CallTimeout);

    /// <summary>Checks a run.</summary>
    /// <param name="world">What has become of it.</param>
    /// <param name="isCancelled">Whether somebody has cancelled the build beside what the scenario does.</param>
    /// <param name="mayBeUnknown">Whether it was hit while the runner was asked.</param>
    /// <param name="mayCreateAgain">Whether a trigger may have gone on after others have looked for what it created.</param>
    /// <returns>What is wrong.</returns>
    public static async Task<IReadOnlyList<string>> CheckAsync(CrashWorld world, bool isCancelled, bool mayBeUnknown, bool mayCreateAgain)
    {
        if (world.Ledger.Last is not { } build)
        {
            return ["There is no record."];
        }

        // A build that the runner has ended has an id. A trigger without an outcome may have been followed by another attempt.
        var isUnknown = !world.Finds && mayBeUnknown
            && ((CrashEnd.Of(build) == CrashEnd.Infra && build.RemoteId is null) || world.Scenario.Retry.MaxAttempts > 1);
        return
        [
            .. End(world, build, isCancelled, isUnknown),
            .. Record(world),
            .. Attempts(world, build),
            .. Created(world, build, isCancelled, isUnknown, mayCreateAgain),
            .. Slots(world, build),
            .. Owner(world, build),
            .. await RemoteAsync(world, build, isUnknown),
            .. world.Scenario.GroupKey is { } key ? await GroupAssertions.CheckAsync(world, key) : [],
        ];
    }

    // Every build is at its end: that of its scenario, or cancelled, or reported as unknown.
    private static IEnumerable<string> End(CrashWorld world, Build build, bool isCancelled, bool isUnknown)
    {
        var end = CrashEnd.Of(build);
        var expected = world.Scenario.EndOf(world.Finds);
        if (end != expected && !isUnknown && !(isCancelled && (end.Status == BuildStatus.Cancelled || end == world.Scenario.EndIfCancelled)))
        {
            yield return $"It ended as {end}, not as {expected}; its note is '{build.Note}'.";
        }

        if (isUnknown && build.Note is null)
        {
            yield return "It ended as unknown without a note.";
        }

        var endedAt = world.Ledger.Commits.FirstOrDefault(static commit => commit.Status.IsTerminal())?.UpdatedAt;
        if (end == world.Scenario.End && !isCancelled && endedAt < build.CreatedAt + world.Scenario.EndsAfter)
        {
            yield return $"It ended {endedAt - build.CreatedAt} after its submission, which is too early.";
        }

        if (endedAt > build.Deadline + new BuildRunnerOptions().Grace + world.Scenario.Outage + LastCall + Lateness)
        {
            yield return $"It ended {endedAt - build.Deadline} after its deadline, which is too late.";
        }
    }

    // Each version follows from the one before, and an end is final.
    private static IEnumerable<string> Record(CrashWorld world)
    {
        var commits = world.Ledger.Commits;
        if (!commits.Select(static commit => commit.Version).SequenceEqual(Enumerable.Range(1, commits.Count).Select(static version => (long)version)))
        {
            yield return $"The versions are {string.Join(", ", commits.Select(static commit => commit.Version))}.";
        }

        if (commits.SkipWhile(static commit => !commit.Status.IsTerminal()).Select(CrashEnd.Of).Distinct().Count() > 1)
        {
            yield return "An end was changed.";
        }
    }

    // Each attempt has a key and at most one build of its own, and is paid for once.
    private static IEnumerable<string> Attempts(CrashWorld world, Build build)
    {
        foreach (var attempt in world.Ledger.Commits.GroupBy(static commit => commit.Attempt))
        {
            var remote = attempt.Select(static commit => commit.RemoteId).OfType<BuildId>().Distinct().ToList();
            if (remote.Count > 1 || attempt.Any(commit => commit.Request.TriggerKey != BuildTransitions.TriggerKeyOf(build.Id, attempt.Key)))
            {
                yield return $"Attempt {attempt.Key} has the builds {string.Join(", ", remote)}.";
            }
        }

        var name = DocumentNames.OfBudget(build.Runner, build.OwnerId);
        var spent = RetryBudget.Read(world.Ledger.Documents.GetValueOrDefault(name)).Spent.Values.Sum();
        if (spent != build.Attempt - 1)
        {
            yield return $"It has come to attempt {build.Attempt}, and {spent} were paid for.";
        }
    }

    // Triggered once where the runner finds by key, at most once otherwise.
    private static IEnumerable<string> Created(CrashWorld world, Build build, bool isCancelled, bool isUnknown, bool mayCreateAgain)
    {
        var created = world.Ci.CreatedBuilds;
        var most = world.Scenario.CreatesNone ? 0
            : !world.Finds ? world.Scenario.Retry.MaxAttempts
            : world.Scenario.Attempts + (mayCreateAgain ? 1 : 0);
        var isOwnEnd = CrashEnd.Of(build) == world.Scenario.End && !isUnknown;
        var least = world.Scenario.CreatesNone || world.Scenario.MayCreateNone || isCancelled || !isOwnEnd ? 0 : world.Finds ? world.Scenario.Attempts : 1;
        if (created < least || created > most)
        {
            yield return $"{created} builds were created, not {least} to {most}.";
        }
    }

    // One slot has one build, and nobody waits for ever.
    private static IEnumerable<string> Slots(CrashWorld world, Build build)
    {
        if (world.Ledger.Commits.Any(static commit => commit.Bookkeeping is { Line: not null } and ({ SlotSince: not null } or { TriggerAttemptedAt: not null })))
        {
            yield return "It has waited with a slot or a mark.";
        }

        if (build.Bookkeeping is { Line: not null } or { SlotSince: not null })
        {
            yield return "It has ended and waits or holds a slot.";
        }

        if (!world.Scenario.HasNeighbour)
        {
            yield break;
        }

        if (world.Ledger.Commits.Any(static commit => commit.Bookkeeping is { TriggerAttemptedAt: not null, SlotSince: null } && !commit.Status.IsTerminal()))
        {
            yield return "It was marked without a slot.";
        }

        if (world.MostInFlight > 1)
        {
            yield return $"The runner had {world.MostInFlight} builds at a time.";
        }

        if (world.Ledger.Neighbour is not { } neighbour || !neighbour.Status.IsTerminal() || (world.Finds && neighbour.Status != BuildStatus.Succeeded))
        {
            yield return $"The other build is {world.Ledger.Neighbour?.Status}; its note is '{world.Ledger.Neighbour?.Note}'.";
        }
    }

    // Woken for each change, and for nothing that was not.
    private static IEnumerable<string> Owner(CrashWorld world, Build build)
    {
        var commits = world.Ledger.Commits;
        var told = world.Owner.Seen.Where(seen => seen.Id == build.Id).ToList();
        foreach (var seen in told.Where(seen => commits.All(commit => commit.Version != seen.Version || commit.Status != seen.Status)))
        {
            yield return $"The owner was woken for {seen.Status} in version {seen.Version}, which never was.";
        }

        if (told.All(seen => seen.Status != build.Status))
        {
            yield return $"The owner was not woken for {build.Status}.";
        }

        foreach (var (before, after) in commits.Zip(commits.Skip(1)).Where(static pair => pair.First.Status != pair.Second.Status || pair.First.RemoteId != pair.Second.RemoteId))
        {
            if (told.All(seen => seen.Version < after.Version))
            {
                yield return $"The owner was not woken after {before.Status} '{before.RemoteId}' became {after.Status} '{after.RemoteId}'.";
            }
        }
    }

    // Where the runner finds by key nothing runs on that the record does not name; otherwise the note says that it may.
    private static async Task<IReadOnlyList<string>> RemoteAsync(CrashWorld world, Build build, bool isUnknown)
    {
        List<string> problems = [];
        var superfluous = world.Ci.Triggers.Select(static trigger => trigger.BuildId).OfType<BuildId>()
            .Where(buildId => world.Ledger.Commits.All(commit => commit.RemoteId != buildId) && !world.Ci.Cancels.Contains(buildId));
        var mayRunOn = world.Scenario.MayRunOn || isUnknown || (!world.Finds && world.Scenario.EndWithoutFinding == CrashEnd.Of(build));
        foreach (var buildId in world.RunningAtEnd.Concat(await world.GetRunningAsync()).Concat(superfluous).Distinct())
        {
            if (build.Note is not { } note || !CrashScenario.Doubts.Any(doubt => note.Contains(doubt, StringComparison.Ordinal)))
            {
                problems.Add($"'{buildId}' runs on, and the note does not say that it may: '{build.Note}'.");
            }

            if (world.Finds && build.RemoteId != buildId && build.Note?.Contains(buildId.ToString(), StringComparison.Ordinal) != true)
            {
                problems.Add($"'{buildId}' runs on, and the record does not name it; its note is '{build.Note}'.");
            }

            if (!mayRunOn)
            {
                problems.Add($"'{buildId}' runs on, which it does not without a hit.");
            }
        }

        return problems;
    }
}
