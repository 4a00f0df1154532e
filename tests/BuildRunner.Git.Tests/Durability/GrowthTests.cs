namespace BuildRunner.Git.Tests.Durability;

/// <summary>Expired builds leave nothing behind.</summary>
[Slow]
public sealed class GrowthTests
{
    private static readonly TimeSpan Retention = TimeSpan.FromDays(3);

    [TimedFact]
    public async Task What_was_made_for_a_forgotten_build_is_pruned_and_what_is_kept_is_not()
    {
        RecordingTimeProvider clock = new();
        using var repository = await TestRepository.CreateAsync();
        var first = await repository.CommitAsync("first", ("first.txt", "first"));
        var second = await repository.CommitAsync("second", ("second.txt", "second"));
        await repository.CommitAsync(TestRepository.Main, ("more.txt", "more"));
        await using TestRunner runner = new(repository, static options => options.Retention = Retention, clock);
        var forgotten = await runner.BuildAsync(first);
        clock.Advance(TimeSpan.FromDays(2));
        var kept = await runner.BuildAsync(second);
        var git = Path.Combine(runner.StateDirectory, "repository.git");

        // By the clock of the files everything is old.
        await repository.ShellAsync($"find '{git}/objects' -type f -exec touch -d '10 days ago' {{}} +");
        clock.Advance(TimeSpan.FromDays(2));
        await runner.BuildAsync();
        while (await HasAsync(repository, git, forgotten.Commit!))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        (await HasAsync(repository, git, kept.Commit!)).Should().BeTrue();
        (await repository.ShellAsync($"find '{git}' -name '*.lock' -o -name 'tmp_*' -o -name '{forgotten.Id}'")).Should().BeEmpty();
    }

    [TimedFact]
    public async Task What_was_fetched_in_packs_is_pruned_and_what_is_kept_is_not()
    {
        RecordingTimeProvider clock = new();
        await using var remote = await RemoteFixture.CreateAsync();
        var first = await remote.Origin.CommitAsync("first", [.. Enumerable.Range(0, 150).Select(static number => ($"first/{number}", (string?)$"{number}"))]);
        var second = await remote.Origin.CommitAsync("second", [.. Enumerable.Range(0, 150).Select(static number => ($"second/{number}", (string?)$"{number}"))]);
        await using var runner = remote.CreateRunner(static options => options.Retention = Retention, clock);
        await runner.BuildAsync(first);
        clock.Advance(TimeSpan.FromDays(2));
        await runner.BuildAsync(second);
        var git = Path.Combine(runner.StateDirectory, "repository.git");
        (await remote.Clone.ShellAsync($"ls '{git}'/objects/pack/*.pack | wc -l")).Should().Be("2");

        await remote.Clone.ShellAsync($"find '{git}/objects' -type f -exec touch -d '10 days ago' {{}} +");
        clock.Advance(TimeSpan.FromDays(2));
        await runner.BuildAsync();
        while (await HasAsync(remote.Clone, git, first))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        (await HasAsync(remote.Clone, git, second)).Should().BeTrue();
        (await remote.Clone.GitAsync("--git-dir", git, "rev-list", "--objects", "--all")).Should().Contain("second/149").And.NotContain("first/149");
    }

    [TimedFact]
    public async Task A_result_whose_commits_the_user_has_deleted_does_not_keep_the_rest_from_being_pruned()
    {
        RecordingTimeProvider clock = new();
        using var repository = await TestRepository.CreateAsync();
        var first = await repository.CommitAsync("first", ("first.txt", "first"));
        var lost = await repository.CommitAsync("lost", ("lost.txt", "lost"));
        await repository.CommitAsync(TestRepository.Main, ("more.txt", "more"));
        await using TestRunner runner = new(repository, static options => options.Retention = Retention, clock);
        var forgotten = await runner.BuildAsync(first);
        clock.Advance(TimeSpan.FromDays(2));
        var kept = await runner.BuildAsync(lost);
        await repository.ShellAsync("git branch -qD lost; git reflog expire --expire=now --all; git gc -q --prune=now");
        var git = Path.Combine(runner.StateDirectory, "repository.git");

        await repository.ShellAsync($"find '{git}/objects' -type f -exec touch -d '10 days ago' {{}} +");
        clock.Advance(TimeSpan.FromDays(2));
        await runner.BuildAsync();
        while (await HasAsync(repository, git, forgotten.Commit!))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        (await runner.WaitAsync(kept.Id)).Should().Be(kept.Snapshot);
    }

    [TimedFact]
    public async Task Locks_that_a_killed_git_has_left_do_no_harm()
    {
        using var repository = await TestRepository.CreateAsync();
        var head = await repository.CommitAsync("head", ("head.txt", ""));
        await using TestRunner runner = new(repository);
        await runner.BuildAsync(head);
        await repository.ShellAsync($"cd '{runner.StateDirectory}'; for d in repository.git work/1/git work/1/merge; do touch $d/config.lock $d/HEAD.lock $d/packed-refs.lock $d/shallow.lock $d/index.lock $d/gc.pid; done");

        var build = await runner.BuildAsync(head);

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
    }

    [TimedFact]
    public async Task Builds_use_the_same_work_tree_one_after_the_other()
    {
        using var repository = await TestRepository.CreateAsync();
        await using TestRunner runner = new(repository);

        for (var number = 0; number < 5; number++)
        {
            await runner.BuildAsync();
        }

        Directory.EnumerateDirectories(Path.Combine(runner.StateDirectory, "work")).Should().ContainSingle();
    }

    private static async Task<bool> HasAsync(TestRepository repository, string git, string commitId) =>
        await repository.ShellAsync($"git --git-dir '{git}' cat-file -e {commitId} 2> /dev/null && echo yes || true") == "yes";
}
