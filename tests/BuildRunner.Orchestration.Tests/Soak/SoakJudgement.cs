using BuildRunner.Orchestration.Soak;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Finds errors of the orchestration in single builds, from the accounts of the CI, the owners and the records.</summary>
internal sealed class SoakJudgement(IReadOnlyList<(PlannedBuild Plan, Build Build)> builds, FaultyCi ci, TimeSpan lateness)
{
    private readonly ILookup<Guid, Wake> _wakes = ci.Wakes.ToLookup(static wake => wake.Id);

    public IReadOnlyList<string> Faults =>
    [
        .. OfLimits(ci, [.. builds.Select(static item => item.Build)]),
        .. builds.SelectMany(item => FaultsOf(item.Plan, item.Build).Select(fault => $"{fault}: {Describe(item.Plan, item.Build)}")),
    ];

    /// <summary>The limited runner never had more than it may have, apart from those that had ended here without its word, and nothing was triggered in a hold.</summary>
    public static IEnumerable<string> OfLimits(FaultyCi ci, IReadOnlyList<Build> builds)
    {
        var byId = builds.ToDictionary(static build => build.Id.ToString());
        var crowds = ci.Crowds.Select(crowd => crowd.Keys.Select(static key => key[..36]).Distinct().Count(id => !(byId[id].EndedAt <= crowd.At))).Where(static count => count > SoakStage.MaxInFlight);
        return crowds.Select(static count => $"The limited runner had {count} builds at a time.").Concat(ci.CreatedInHold.Select(static key => $"{key} was triggered while its runner was held."));
    }

    /// <summary>Gets how long after its deadline and grace the last build has ended; negative if it was in time.</summary>
    public TimeSpan MaxLateness => builds.Max(static item => item.Build.EndedAt!.Value - item.Build.Deadline - SoakStage.Grace - SoakStage.LastCall);

    /// <summary>Each group has the verdict that follows from its members, and its owner was told of that and no other.</summary>
    public IReadOnlyList<string> FaultsOfGroups(IReadOnlyList<(PlannedGroup Plan, BuildGroup Group)> groups) => [.. groups.SelectMany(item => FaultsOf(item.Plan, item.Group).Select(fault => $"{item.Plan} {item.Group.Status} {fault}"))];

    private IEnumerable<string> FaultsOf(PlannedGroup plan, BuildGroup group)
    {
        BuildStatus[] ends = [builds[plan.Number].Build.Status, builds[plan.Number + 1].Build.Status];
        if (!group.Members.Select(static member => member.Outcome).SequenceEqual(ends.Select(static end => (BuildStatus?)end)))
        {
            yield return $"says {string.Join(", ", group.Members)}, but its builds are {string.Join(", ", ends)}";
        }

        var expected = ends[..(plan.IsSecondRequired ? 2 : 1)].All(static end => end == BuildStatus.Succeeded) ? BuildStatus.Succeeded : BuildStatus.Failed;
        if (group.Status != expected)
        {
            yield return $"is not {expected}";
        }

        var told = _wakes[group.Id].ToList();
        if (told.Count == 0 || told.Exists(wake => wake.Status != group.Status))
        {
            yield return $"was told as {string.Join(", ", told)}";
        }
    }

    private IEnumerable<string> FaultsOf(PlannedBuild plan, Build build)
    {
        if (!build.Status.IsTerminal() || build.EndedAt is not { } endedAt)
        {
            return ["has not ended"];
        }

        string?[] faults =
        [
            endedAt > build.Deadline + SoakStage.Grace + SoakStage.LastCall + lateness ? $"has ended too late, polled {PollsOf(build)}" : null,
            KeysOf(build).Any(ci.CreatedTwice.Contains) ? "was created twice" : null,
            build.Attempt > 1 && plan.Failures == 0 ? "was tried again, though nobody asked for it" : null,
            ci.Of(BuildTransitions.TriggerKeyOf(build.Id, build.Attempt + 1)).Count > 0 ? "was triggered for an attempt that never was" : null,
            build.CancelCause == BuildCancelCause.DeadLetter ? "was ended by a dead letter" : null,
            plan.Runner == SoakStage.Hanging && !IsTimeout(build) ? "has not timed out, but its runner hangs" : null,
            ReasonOf(plan, build),
        ];
        return [.. faults.OfType<string>(), .. Remotes(build), .. Wakes(build)];
    }

    private string PollsOf(Build build) => string.Join(' ', RemotesOf(build).SelectMany(static remote => remote.Polls).Select(static poll => $"{poll.At:mm:ss.f}={poll.Answer?.ToString() ?? "error"}"));

    /// <summary>The record says what the runner has said, or why it does not.</summary>
    private string? ReasonOf(PlannedBuild plan, Build build)
    {
        var told = build.RemoteId is { } buildId ? ci.Builds.Single(remote => remote.Id == buildId).Told : [];
        var kind = build.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind);
        return (build.Status, kind) switch
        {
            (BuildStatus.Succeeded, _) => told.Contains(BuildStatus.Succeeded) ? null : "has succeeded, but its runner has not said so",
            (BuildStatus.Cancelled, _) when build.CancelCause == BuildCancelCause.Group => plan.Group is { FailFast: true } ? null : "was cancelled by its group, which does not fail fast",
            (BuildStatus.Cancelled, _) => build.CancelCause == BuildCancelCause.Caller && plan.CancelsAfter is not null ? null : "was cancelled, but not by its owner",
            (_, BuildFailureKinds.Code) => told.Contains(BuildStatus.Failed) ? null : "has failed, but its runner has not said so",
            (_, BuildFailureKinds.Infra) when plan.Failures >= build.Attempt =>
                build.Attempt == SoakPlan.MaxAttempts || build.CancelCause is BuildCancelCause.Caller or BuildCancelCause.Group || build.Note?.Contains("the budget of", StringComparison.Ordinal) == true ? null : "was not tried again, though it could be",
            (_, BuildFailureKinds.Infra) => plan.Script.VanishesAfter is not null && build.Note is not null ? null : "has failed as by infrastructure, but has not vanished",
            (_, BuildFailureKinds.Timeout) when build.Note is null || build.EndedAt < build.Deadline => "has timed out without a reason or before its time",
            (_, BuildFailureKinds.Timeout) => MayTimeOut(plan) ? null : "has timed out, though it had long ended in the CI",
            _ => "has failed for no reason that is known",
        };
    }

    private static bool IsTimeout(Build build) =>
        build.Status == BuildStatus.Failed && build.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind) == BuildFailureKinds.Timeout;

    // Builds that ignore a cancel are left out: they end by themselves.
    private static bool MayTimeOut(PlannedBuild plan) => plan.Runner == SoakStage.Hanging || plan.NeverEnds;

    /// <summary>Nothing was created that runs on and that nobody knows.</summary>
    private IEnumerable<string> Remotes(Build build)
    {
        foreach (var remote in RemotesOf(build))
        {
            var isNamed = build.Note?.Contains($"'{remote.Id}'", StringComparison.Ordinal) == true;
            if (remote.Id == build.RemoteId)
            {
                // A timed-out build says that it may run on; any other has ended there as well.
                if (remote.End?.IsTerminal() == false && !isNamed)
                {
                    yield return $"has ended, but '{remote.Id}' runs on";
                }
            }
            else if (remote.End is not (null or BuildStatus.Cancelled) && !isNamed && !(build.RemoteId is null && IsTimeout(build)))
            {
                yield return $"has '{remote.Id}' as well, which nobody knows";
            }
        }
    }

    /// <summary>The owner was told of the end, and of nothing that was not so.</summary>
    private IEnumerable<string> Wakes(Build build)
    {
        var wakes = _wakes[build.Id].ToList();
        if (!wakes.Exists(wake => wake.Status == build.Status))
        {
            yield return "has ended, but its owner was not woken";
        }

        HashSet<BuildStatus> real = [build.Status, .. RemotesOf(build).SelectMany(static remote => remote.Told.Append(BuildStatus.Accepted))];
        foreach (var wake in wakes)
        {
            if (!real.Contains(wake.Status) || (wake.Status.IsTerminal() && wake.Status != build.Status) || wake.Version > build.Version)
            {
                yield return $"has woken its owner with {wake}, which it never was";
            }
        }

        if (wakes.GroupBy(static wake => wake.Version).Any(static same => same.Distinct().Count() > 1))
        {
            yield return "was told to its owner in two ways under one version";
        }

        var end = wakes.Where(static wake => wake.Status.IsTerminal()).Select(static wake => wake.Version).DefaultIfEmpty(long.MaxValue).Min();
        if (wakes.Exists(wake => wake.Version > end && !wake.Status.IsTerminal()))
        {
            yield return "has gone on after its end";
        }
    }

    private IEnumerable<RemoteBuild> RemotesOf(Build build) => KeysOf(build).SelectMany(ci.Of);

    // Each attempt has one.
    private static IEnumerable<string> KeysOf(Build build) =>
        Enumerable.Range(1, build.Attempt).Select(attempt => BuildTransitions.TriggerKeyOf(build.Id, attempt));

    private string Describe(PlannedBuild plan, Build build) =>
        $"{plan.Runner} {plan.Number} {build.Status} {build.Metadata} cause {build.CancelCause} note '{build.Note}' id {build.RemoteId} key {build.Request.TriggerKey} "
        + $"attempt {build.Attempt} failures {plan.Failures} created {build.CreatedAt:O} ended {build.EndedAt:O} deadline {build.Deadline:O} version {build.Version} life {plan.Life} cancels {plan.CancelsAfter} vanishes {plan.Script.VanishesAfter}; "
        + $"CI: {string.Join(", ", RemotesOf(build).Select(static remote => $"{remote.Id} {remote.End} told {string.Join('/', remote.Told)}"))}; "
        + $"wakes: {string.Join(", ", _wakes[build.Id].Select(static wake => $"{wake.Version} {wake.Status}"))}";
}
