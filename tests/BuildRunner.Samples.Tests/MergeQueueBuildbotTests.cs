using System.Globalization;

namespace BuildRunner.Samples.Tests;

/// <summary>The merge queue on a real Buildbot: it lands what that has built, whatever happens meanwhile.</summary>
[Slow]
public sealed class MergeQueueBuildbotTests : MergeQueueFixture
{
    private const int Success = 0;

    // A master that also builds what is pushed, with the filter that master.cfg tells of.
    private const string Poller = """
        from buildbot.plugins import changes
        c["change_source"] = [changes.GitPoller(repourl=REPOSITORY, branches=True, pollInterval=1, pollAtLaunch=True)]
        c["schedulers"].append(schedulers.AnyBranchScheduler(
            name="push", builderNames=["verify"], treeStableTimer=None,
            change_filter=util.ChangeFilter(branch_fn=lambda branch: not (branch or "").startswith("build/"))))
        """;

    private static readonly string[] Branches = [.. Enumerable.Range(1, 12).Select(static number => string.Create(CultureInfo.InvariantCulture, $"b{number:D2}"))];

    [TimedFact]
    public async Task Every_commit_that_the_target_is_moved_to_was_built_green_whatever_happens_meanwhile()
    {
        await CommitAllAsync();
        var start = await Repository.GitAsync("rev-parse", "main");
        await Repository.GitAsync("config", "core.logAllRefUpdates", "always");
        await Repository.GitAsync("switch", "--quiet", "--detach");
        await using var server = await BuildbotServer.StartAsync(Poller, workers: 20, repository: Repository.Path, command: $"""
            while test -e b06.txt -a ! -e {Repository["gate"]}; do sleep 0.1; done
            test ! -e b03.txt || exit 1
            test ! -e b05.txt || mkdir {Repository["failed-once"]} 2>&- && test -e b05.txt && exit 1
            exit 0
            """);

        var program = Start(server);
        await LandedAsync(program, "b01");
        var forced = await ForcePushAsync("b06");
        await KillAsync(program);

        program = Start(server);
        await LandedAsync(program, "b04");
        var pushed = await PushAsync();
        await KillAsync(program);

        // The program may have been killed before it has deleted the branches of these.
        var earlier = (await Repository.GitAsync("reflog", "show", "--format=%H", "main")).Split('\n');
        program = Start(server);
        await File.WriteAllTextAsync(Repository["gate"], "", TestContext.Current.CancellationToken);
        var result = await program.Ended;

        result.ExitCode.Should().Be(SomeLeft, result.Error);
        (await LandedAsync()).Should().Equal(Branches.Except(["b02", "b03"]));
        (await ParentsAsync("b06")).Should().Contain(forced);
        (await Repository.GitAsync("merge-base", "--is-ancestor", pushed, "main")).Should().BeEmpty();
        var tips = (await Repository.GitAsync("reflog", "show", "--format=%H", "main")).Split('\n').Reverse().SkipWhile(tip => tip != start).Skip(1).ToList();
        tips.Should().HaveCount(Branches.Length - 2 + 1).And.Contain(pushed).And.OnlyHaveUniqueItems();
        (await GreenAsync(server)).Should().Contain(tips.Where(tip => tip != pushed));

        // Each trigger is built once: the push of a merge starts nothing, while one of somebody else does.
        var pushes = await PushesAsync(server, await PushAsync());
        pushes.Should().Contain("main").And.NotContain(static branch => branch!.StartsWith("build/", StringComparison.Ordinal));

        // The rest goes when the sweep finds that nobody needs it, and those of attempts that failed after a minute.
        var left = (await Repository.GitAsync("for-each-ref", "--format=%(objectname) %(refname:lstrip=3)", "refs/heads/build/")).Split('\n').Select(static line => line.Split(' '));
        var landed = left.Where(branch => tips.Except(earlier).Contains(branch[0])).Select(static branch => branch[1]);
        landed.Should().NotIntersectWith((await GreenAsync(server, "branch")).Select(static branch => branch!.Split('/')[^1]), "what has landed needs no branch");
    }

    private async Task CommitAllAsync()
    {
        foreach (var branch in Branches)
        {
            await Repository.CommitAsync(branch, branch == "b02" ? ("b01.txt", "of another\n") : ($"{branch}.txt", $"{branch}\n"));
        }
    }

    private SampleProgram.Running Start(BuildbotServer server) => SampleProgram.Start(
        "MergeQueue.dll",
        ["--repo", Repository.Path, "--state", Repository["state"], "--buildbot", server.Url.AbsoluteUri, .. Branches.SelectMany(static branch => new[] { "--branch", branch })]);

    private static async Task LandedAsync(SampleProgram.Running program, string branch)
    {
        var isLanded = await program.SaysAsync(line => line.StartsWith(branch, StringComparison.Ordinal) && line.Contains("landed", StringComparison.Ordinal));
        isLanded.Should().BeTrue(isLanded ? "" : (await program.Ended).Error);
    }

    private static async Task KillAsync(SampleProgram.Running program)
    {
        await program.SignalAsync("KILL");
        await program.Ended;
    }

    private async Task<string> ForcePushAsync(string branch)
    {
        var tree = await Repository.GitAsync("rev-parse", $"{branch}^{{tree}}");
        var commit = await Repository.GitAsync("-c", "user.name=a", "-c", "user.email=a@localhost", "commit-tree", "-p", $"{branch}~", "-m", branch, "-m", "again", tree);
        await Repository.GitAsync("update-ref", $"refs/heads/{branch}", commit);
        return commit;
    }

    // Somebody else lands something, between two landings of the queue.
    private async Task<string> PushAsync()
    {
        for (; ; )
        {
            var tip = await Repository.GitAsync("rev-parse", "main");
            var blob = await Repository.ShellAsync("echo pushed | git hash-object -w --stdin");
            var tree = await Repository.ShellAsync($"{{ git ls-tree {tip}; printf '100644 blob {blob}\\tpushed.txt\\n'; }} | git mktree");
            var commit = await Repository.GitAsync("-c", "user.name=a", "-c", "user.email=a@localhost", "commit-tree", "-p", tip, "-m", "pushed", tree);
            if (await Repository.ShellAsync($"git update-ref refs/heads/main {commit} {tip} 2>&- && echo moved || true") == "moved")
            {
                return commit;
            }
        }
    }

    private async Task<string[]> ParentsAsync(string subject)
    {
        var merges = (await Repository.GitAsync("log", "--first-parent", "--merges", "--format=%P", "main")).Split('\n').Select(static parents => parents.Split(' ')[1]);
        return [.. await merges.ToAsyncEnumerable().Where(async (commit, _) => await Repository.GitAsync("show", "--no-patch", "--format=%s", commit) == subject).ToListAsync()];
    }

    // The branches that were built for a push, read after the push of the commit was built.
    private static async Task<List<string?>> PushesAsync(BuildbotServer server, string commit)
    {
        while (true)
        {
            var sets = await server.ReadAsync("buildsets");
            var pushes = sets.Where(static set => set.GetProperty("reason").GetString()!.Contains("'push'", StringComparison.Ordinal))
                .Select(static set => set.GetProperty("sourcestamps")[0]).ToList();
            if (pushes.Exists(stamp => stamp.GetProperty("revision").GetString() == commit))
            {
                return [.. pushes.Select(static stamp => stamp.GetProperty("branch").GetString())];
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    // What Buildbot has checked out and found good: the commits, or another property.
    private static async Task<List<string?>> GreenAsync(BuildbotServer server, string property = "got_revision") =>
    [
        .. (await server.ReadAsync("builds", $"?property={property}"))
            .Where(static build => build.GetProperty("results").ValueKind == System.Text.Json.JsonValueKind.Number && build.GetProperty("results").GetInt32() == Success)
            .Select(build => build.GetProperty("properties").GetProperty(property)[0].GetString()),
    ];
}
