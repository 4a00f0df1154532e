namespace BuildRunner.Orchestration;

/// <summary>Decides how the ends of its members change a group. It looks at states alone, so it may run at any time and any number of
/// times.</summary>
internal static class GroupDecision
{
    /// <summary>Decides about a group.</summary>
    /// <param name="group">The group as last read.</param>
    /// <param name="reading">The builds of the members without an outcome, as far as they exist, and the time of the store.</param>
    public static GroupStep Decide(GroupState group, BuildReadings reading)
    {
        var builds = reading.Builds.ToDictionary(static build => build.Id);
        var unreadable = reading.Unreadable.Select(static build => build.Id).ToHashSet();
        var known = group with { Members = [.. group.Members.Select(member => WithOutcome(member, builds, unreadable))] };
        var lost = known.Members.FirstOrDefault(
            static member => member is { IsRequired: true, Outcome: not (null or BuildStatus.Succeeded) });
        List<Build> open = [.. known.Members.Where(static member => member.Outcome is null).Select(member => builds[member.BuildId])];
        var failsFast = lost is not null && group is { FailFast: true, IsCancelled: false };
        if (group.Verdict is null && (open.Count == 0 || failsFast))
        {
            known = known with { Verdict = VerdictOf(known), EndedAt = reading.Now };
        }

        var stops = failsFast || group.IsCancelled;
        return new(
            known.Verdict == group.Verdict && known.Members.SequenceEqual(group.Members) ? null : known,
            stops ? [.. open.Where(static build => !build.IsCancelledForGood()).Select(static build => build.Id)] : [],
            group.IsCancelled ? group.CancelReason ?? "The group was cancelled." : $"'{lost?.Key}' has not succeeded.");
    }

    // A build is deleted long after its end, so only one that ended while no process was there is gone before that was seen.
    private static BuildGroupMember WithOutcome(
        BuildGroupMember member, Dictionary<Guid, Build> builds, HashSet<Guid?> unreadable) => member switch
        {
            { Outcome: not null } => member,
            _ when builds.TryGetValue(member.BuildId, out var build) =>
                build.Status.IsTerminal() ? member with { Outcome = build.Status } : member,
            _ when unreadable.Contains(member.BuildId) =>
                member with { Outcome = BuildStatus.Failed, Note = "The row of the build cannot be read." },
            _ => member with { Outcome = BuildStatus.Failed, Note = "The build is gone." },
        };

    private static BuildStatus VerdictOf(GroupState group)
    {
        var required = group.Members.Where(static member => member.IsRequired).Select(static member => member.Outcome).ToList();
        return required.TrueForAll(static outcome => outcome == BuildStatus.Succeeded)
            ? BuildStatus.Succeeded
            : group.IsCancelled && !required.Contains(BuildStatus.Failed) ? BuildStatus.Cancelled : BuildStatus.Failed;
    }
}
