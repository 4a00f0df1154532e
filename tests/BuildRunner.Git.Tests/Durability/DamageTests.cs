using BuildRunner.Git.Engine;

namespace BuildRunner.Git.Tests.Durability;

/// <summary>Damaged files of one build harm no other.</summary>
[Slow]
public sealed class DamageTests : IAsyncLifetime
{
    private TestRepository _repository = null!;
    private Fifo _started = null!;
    private Fifo _gate = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _started = await Fifo.CreateAsync(_repository["started"]);
        _gate = await Fifo.CreateAsync(_repository["gate"]);
    }

    public ValueTask DisposeAsync()
    {
        _started.Dispose();
        _gate.Dispose();
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedTheory]
    [InlineData("a record that is cut off", "truncate -s 10 builds/{0}/record.json")]
    [InlineData("a record without content", "echo '{{}}' > builds/{0}/record.json")]
    [InlineData("an entry that leads nowhere", "rm pending/{0}; ln -s {0} pending/{0}")]
    [InlineData("no room for the result", "rm builds/{0}/reserve; mkdir -p builds/{0}/reserve/x builds/{0}/result.json/x")]
    public async Task A_build_that_cannot_be_run_keeps_none_behind_it_from_being_run(string damage, string script)
    {
        await using var runner = CreateRunner($"echo > {_started.Path}; read x < {_gate.Path}");
        var running = await runner.TriggerAsync();
        await _started.ReadLineAsync();
        var damaged = await runner.TriggerAsync();
        var next = await runner.TriggerAsync();

        await _repository.ShellAsync($"cd '{runner.StateDirectory}'; {string.Format(null, script, damaged.Value)}");
        _gate.Release();
        await runner.WaitAsync(running);
        _gate.Release();
        _gate.Release();

        (await runner.WaitAsync(next)).Status.Should().Be(BuildStatus.Succeeded, "there was {0} before it", damage);
    }

    [TimedTheory]
    [InlineData("echo '{}' > $f")]
    [InlineData("echo '{\"machine\":null,\"cookie\":null}' > $f")]
    [InlineData("echo '[' > $f")]
    [InlineData("rm -f $f; mkdir -p $f/x")]
    public async Task What_a_build_has_written_over_the_mark_of_a_work_tree_does_not_count(string script)
    {
        await using var runner = CreateRunner("true");
        await runner.BuildAsync();
        await _repository.ShellAsync($"f='{runner.StateDirectory}/work/1.json'; {script}");

        var build = await runner.BuildAsync();

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
        Directory.GetFiles(Path.Combine(runner.StateDirectory, "work"), "*.lock").Should().ContainSingle();
    }

    [TimedTheory]
    [InlineData("echo '{}' > $f")]
    [InlineData("mkdir $f")]
    public async Task What_a_build_has_written_over_the_mark_of_another_does_not_count(string script)
    {
        await using var runner = CreateRunner($"echo > {_started.Path}; read x < {_gate.Path}");
        await runner.TriggerAsync();
        await _started.ReadLineAsync();
        var next = await runner.TriggerAsync();
        await _repository.ShellAsync($"f='{runner.StateDirectory}/builds/{next}/running.json'; {script}");

        _gate.Release();
        _gate.Release();

        (await runner.WaitAsync(next)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedTheory]
    [InlineData("truncate -s 10 $f")]
    [InlineData("rm $f; mkdir $f")]
    public async Task A_build_that_is_damaged_is_no_fault_of_the_runner(string script)
    {
        await using var runner = CreateRunner("true");
        var build = await runner.BuildAsync();
        await _repository.ShellAsync($"f='{runner.StateDirectory}/builds/{build.Id}/result.json'; {script}");

        var status = () => runner.Runner.StatusAsync(build.Id);

        (await status.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.BuildId.Should().Be(build.Id);
    }

    [TimedFact]
    public async Task A_result_that_is_damaged_is_not_reused_and_fails_no_build()
    {
        await using TestRunner runner = new(_repository, static options => options.ReuseResults = true);
        var first = await runner.BuildAsync();
        await File.WriteAllTextAsync(Path.Combine(runner.StateDirectory, "builds", first.Id.Value, "result.json"), "{");

        var second = await runner.BuildAsync();

        second.Status.Should().Be(BuildStatus.Succeeded, second.Log);
        second.Snapshot.Metadata.ToDictionary().Should().NotContainKey(BuildMetadataKeys.ReusedFrom);
    }

    [TimedFact]
    public async Task A_work_tree_that_cannot_be_cleaned_is_made_anew()
    {
        RecordingTimeProvider clock = new();
        await using TestRunner runner = new(_repository, static options => options.Command = ["sh", "-c", "ls -A"], clock);
        await runner.BuildAsync();
        var tree = Path.Combine(runner.StateDirectory, "work", "1", "tree");

        // It cannot be deleted while it is busy, not even by root.
        await using var disk = await SmallDisk.MountAsync(_repository["disk"]);
        var kept = Path.Combine(disk.Path, "deep", "kept");
        await _repository.ShellAsync($"mkdir '{disk.Path}/deep'; echo > '{kept}'; mkdir '{tree}/mounted'; mount --bind '{disk.Path}' '{tree}/mounted'");
        FinishedBuild build;
        FinishedBuild next;
        string[] left;
        try
        {
            build = await runner.BuildAsync();
            next = await runner.BuildAsync();
            left = Directory.GetDirectories(Path.Combine(runner.StateDirectory, "work"), "left-*");
        }
        finally
        {
            await _repository.ShellAsync($"grep -o '{runner.StateDirectory}/[^ ]*/mounted' /proc/mounts | xargs -r umount --lazy");
        }

        build.Status.Should().Be(BuildStatus.Succeeded, build.Log);
        build.Lines.Should().HaveCount(3).And.EndWith([".git", "target.txt"]);
        next.Lines.Should().Equal(".git", "target.txt");
        File.Exists(kept).Should().BeTrue();

        // The next sweep can.
        clock.Advance(TimeSpan.FromHours(1));
        await runner.BuildAsync();
        left.Should().ContainSingle();
        Directory.Exists(left[0]).Should().BeFalse();
    }

    [TimedTheory]
    [InlineData(".lock")]
    [InlineData("..lock")]
    [InlineData("...lock")]
    [InlineData("kept.lock")]
    public async Task A_lock_that_belongs_to_no_work_tree_has_nothing_deleted(string name)
    {
        var work = _repository["state/work"];
        Directory.CreateDirectory(Path.Combine(work, "1", "tree"));
        foreach (var file in new[] { "../kept", "kept", "1.lock", name })
        {
            await File.WriteAllTextAsync(Path.Combine(work, file), "");
        }

        await WorkSlot.DeleteFreeAsync(work, TestContext.Current.CancellationToken);

        Directory.Exists(Path.Combine(work, "1")).Should().BeFalse();
        File.Exists(Path.Combine(work, "kept")).Should().BeTrue();
        File.Exists(_repository["state/kept"]).Should().BeTrue();
    }

    [TimedFact]
    public async Task Work_trees_are_not_emptied_any_more_when_the_runner_is_stopped()
    {
        var work = _repository["state/work"];
        Directory.CreateDirectory(Path.Combine(work, "1", "tree"));
        await File.WriteAllTextAsync(Path.Combine(work, "1.lock"), "");

        var delete = () => WorkSlot.DeleteFreeAsync(work, new CancellationToken(canceled: true));

        await delete.Should().ThrowAsync<OperationCanceledException>();
        Directory.Exists(Path.Combine(work, "1", "tree")).Should().BeTrue();
    }

    private TestRunner CreateRunner(string script) => new(_repository, options => options.Command = ["sh", "-c", script]);
}
