namespace BuildRunner.Git.Tests.Logs;

[Slow]
public sealed class RetentionTests
{
    private static readonly TimeSpan Retention = TimeSpan.FromHours(3);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    [TimedFact]
    public async Task An_ended_build_is_kept_for_as_long_as_the_options_say()
    {
        RecordingTimeProvider clock = new();
        using var repository = await TestRepository.CreateAsync();
        await using var runner = Create(repository, clock);
        var build = await runner.BuildAsync();

        clock.Advance(Retention);
        await runner.BuildAsync();

        (await runner.Runner.StatusAsync(build.Id)).Should().Be(build.Snapshot);
        (await runner.ReadLogAsync(build.Id)).Should().Be(build.Log);
        (await ReferencesAsync(repository, runner)).Should().Contain(reference => reference.EndsWith(build.Id.Value, StringComparison.Ordinal));
    }

    [TimedFact]
    public async Task After_that_it_is_gone_with_its_log_and_its_commit()
    {
        RecordingTimeProvider clock = new();
        using var repository = await TestRepository.CreateAsync();
        var conflicting = await repository.CommitAsync("conflicting", ("target.txt", "of head\n"));
        await repository.CommitAsync(TestRepository.Main, ("target.txt", "of main\n"));
        await using var runner = Create(repository, clock);
        var succeeded = await runner.BuildAsync();
        var conflicted = await runner.BuildAsync(conflicting);

        clock.Advance(Retention + Moment);
        var next = await runner.BuildAsync();

        foreach (var old in new[] { succeeded.Id, conflicted.Id })
        {
            var status = () => runner.Runner.StatusAsync(old);
            var log = () => runner.Runner.OpenLogAsync(old);
            await status.Should().ThrowAsync<BuildNotFoundException>();
            await log.Should().ThrowAsync<BuildNotFoundException>();
        }

        Directory.EnumerateFileSystemEntries(runner.StateDirectory, $"*{succeeded.Id}*", SearchOption.AllDirectories).Should().BeEmpty();
        (await ReferencesAsync(repository, runner)).Should().ContainSingle().Which.Should().EndWith(next.Id.Value);
    }

    [TimedFact]
    public async Task It_is_gone_also_where_nothing_is_triggered_any_more()
    {
        RecordingTimeProvider clock = new();
        using var repository = await TestRepository.CreateAsync();
        await using var runner = Create(repository, clock);
        var build = await runner.BuildAsync();

        clock.Advance(Retention + Moment);

        Func<Task>[] calls =
        [
            () => runner.Runner.StatusAsync(build.Id),
            () => runner.Runner.OpenLogAsync(build.Id),
            () => runner.Runner.CancelAsync(build.Id),
        ];
        foreach (var call in calls)
        {
            await call.Should().ThrowAsync<BuildNotFoundException>();
        }
    }

    [TimedFact]
    public async Task A_log_that_cannot_be_deleted_does_not_fail_the_next_trigger()
    {
        RecordingTimeProvider clock = new();
        using var repository = await TestRepository.CreateAsync();
        await using var runner = Create(repository, clock);
        var build = await runner.BuildAsync();
        var log = Path.Combine(runner.StateDirectory, "builds", build.Id.Value, "log");
        File.Delete(log);
        Directory.CreateDirectory(Path.Combine(log, "not-empty"));

        clock.Advance(Retention + Moment);
        var next = await runner.BuildAsync();

        next.Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task Directories_that_are_deeper_than_a_path_may_be_are_gone_with_it()
    {
        RecordingTimeProvider clock = new();
        using var repository = await TestRepository.CreateAsync();
        await using var runner = Create(repository, clock);
        var build = await runner.BuildAsync();
        await repository.ShellAsync($"cd '{runner.StateDirectory}/builds/{build.Id}'; p=d; for i in 1 2 3 4 5 6 7 8 9 10; do p=$p/$p; done; for i in 1 2 3; do mkdir -p $p; cd -P $p; done");

        clock.Advance(Retention + Moment);
        await runner.BuildAsync();
        await runner.StopAsync();

        Directory.Exists(Path.Combine(runner.StateDirectory, "builds", build.Id.Value)).Should().BeFalse();
        Directory.EnumerateFileSystemEntries(Path.Combine(runner.StateDirectory, "tmp"), "d", SearchOption.AllDirectories).Should().BeEmpty();
    }

    [TimedFact]
    public async Task A_build_that_has_not_ended_is_kept()
    {
        RecordingTimeProvider clock = new();
        using var repository = await TestRepository.CreateAsync();
        using var gate = await Fifo.CreateAsync(repository["gate"]);
        await using var runner = new TestRunner(
            repository,
            options =>
            {
                options.Command = ["sh", "-c", $"read x < {gate.Path}"];
                options.Retention = Retention;
                options.Timeout = TimeSpan.FromDays(1);
            },
            clock);
        var running = await runner.TriggerAsync();

        clock.Advance(Retention + Moment);
        await runner.TriggerAsync();
        gate.Release();
        gate.Release();

        (await runner.WaitAsync(running)).Status.Should().Be(BuildStatus.Succeeded);
    }

    private static TestRunner Create(TestRepository repository, TimeProvider clock) => new(
        repository,
        static options =>
        {
            options.Command = ["echo", "output"];
            options.Retention = Retention;
        },
        clock);

    private static async Task<string[]> ReferencesAsync(TestRepository repository, TestRunner runner) =>
        (await repository.GitAsync("--git-dir", Path.Combine(runner.StateDirectory, "repository.git"), "for-each-ref", "--format=%(refname)"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
