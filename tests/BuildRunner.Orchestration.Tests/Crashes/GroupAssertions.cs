namespace BuildRunner.Orchestration.Tests.Crashes;

/// <summary>What must hold of a group after each run, wherever it was hit.</summary>
internal static class GroupAssertions
{
    public static async Task<IReadOnlyList<string>> CheckAsync(CrashWorld world, string key)
    {
        var process = await world.StartAsync();
        if (await process.Orchestrator.GetGroupAsync(key) is not { } group)
        {
            return ["There is no group."];
        }

        Dictionary<string, Build> builds = new(world.Ledger.Others) { [world.Ledger.Last!.Key] = world.Ledger.Last };
        return [.. Verdict(group), .. Members(group, builds), .. Told(world, group)];
    }

    // It follows from what its members have come to, and from nothing else.
    private static IEnumerable<string> Verdict(BuildGroup group)
    {
        var required = group.Members.Where(static member => member.IsRequired).Select(static member => member.Outcome).ToList();
        var expected = required.All(static outcome => outcome == BuildStatus.Succeeded)
            ? BuildStatus.Succeeded
            : group.IsCancelled && !required.Contains(BuildStatus.Failed) ? BuildStatus.Cancelled : BuildStatus.Failed;
        if (group.Status != expected)
        {
            yield return $"The group is {group.Status}, not {expected}; its members are {string.Join(", ", group.Members)}.";
        }
    }

    // All have ended, also those that a verdict did not wait for.
    private static IEnumerable<string> Members(BuildGroup group, Dictionary<string, Build> builds)
    {
        foreach (var member in group.Members.Where(member => !builds[member.Key].Status.IsTerminal() || builds[member.Key].Status != member.Outcome))
        {
            yield return $"The member '{member.Key}' is {builds[member.Key].Status}, and its group says {member.Outcome?.ToString() ?? "nothing"}.";
        }
    }

    private static IEnumerable<string> Told(CrashWorld world, BuildGroup group)
    {
        if (world.Ledger.Verdicts != 1)
        {
            yield return $"The owner was to be told of {world.Ledger.Verdicts} verdicts.";
        }

        if (world.Owner.Groups.Count == 0)
        {
            yield return "The owner was not told of the verdict.";
        }

        foreach (var told in world.Owner.Groups.Where(told => (told.Id, told.Status, told.EndedAt) != (group.Id, group.Status, group.EndedAt)))
        {
            yield return $"The owner was told {told.Status}, but it is {group.Status}.";
        }
    }
}
