namespace BuildRunner.Git.Tests.Processes;

/// <summary>Processes that a command has started and left behind.</summary>
[Slow]
public sealed class LeftoverTests : IAsyncLifetime
{
    private static readonly TimeSpan OutputGracePeriod = TimeSpan.FromSeconds(1);

    private TestRepository _repository = null!;
    private Fifo _fifo = null!;

    public async ValueTask InitializeAsync()
    {
        _repository = await TestRepository.CreateAsync();
        _fifo = await Fifo.CreateAsync(_repository["fifo"]);
    }

    public ValueTask DisposeAsync()
    {
        _fifo.Dispose();
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedTheory]
    [InlineData("in the group", "")]
    [InlineData("in a session of its own", "setsid")]
    [InlineData("in a session of its own, deaf to signals", "setsid env --ignore-signal")]
    public async Task A_process_that_has_outlived_the_command_is_killed(string where, string prefix)
    {
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", $"{Start(prefix)} read id < {_fifo.Path}; echo $id"]);

        var build = await runner.BuildAsync();

        build.Status.Should().Be(BuildStatus.Succeeded);
        ProcessTable.IsRunning(build.Lines.Should().ContainSingle().Which).Should().BeFalse("it was {0}", where);
    }

    [TimedFact]
    public async Task A_process_in_a_group_of_its_own_with_an_environment_of_its_own_is_killed()
    {
        await using var runner = new TestRunner(_repository, options => options.Command = ["bash", "-c", $"set -m; {Start("env -i")} read id < {_fifo.Path}; echo $id; cut -d ' ' -f 5 /proc/$id/stat"]);

        var build = await runner.BuildAsync();

        build.Status.Should().Be(BuildStatus.Succeeded);
        build.Lines.Should().HaveCount(2);
        build.Lines[1].Should().Be(build.Lines[0], "it leads its group");
        ProcessTable.IsRunning(build.Lines[0]).Should().BeFalse();
    }

    [TimedFact]
    public async Task A_process_with_an_environment_of_its_own_is_killed_in_a_session_that_another_has_begun()
    {
        await using var runner = new TestRunner(_repository, options => options.Command =
            ["sh", "-c", $"setsid sh -c 'env -i sleep 100000 & echo $! > {_fifo.Path}; exec sleep 100000' > /dev/null 2>&1 & read id < {_fifo.Path}; echo $id"]);

        var build = await runner.BuildAsync();

        build.Status.Should().Be(BuildStatus.Succeeded);
        ProcessTable.IsRunning(build.Lines.Should().ContainSingle().Which).Should().BeFalse();
    }

    [TimedTheory]
    [InlineData("")]
    [InlineData("setsid")]
    public async Task A_process_of_a_failed_command_is_killed(string prefix)
    {
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", $"{Start(prefix)} read id < {_fifo.Path}; echo $id; exit 1"]);

        var build = await runner.BuildAsync();

        build.FailureKind.Should().Be(BuildFailureKinds.Code);
        ProcessTable.IsRunning(build.Lines[0]).Should().BeFalse();
    }

    [TimedTheory]
    [InlineData("")]
    [InlineData("setsid")]
    public async Task A_process_of_a_cancelled_command_is_killed(string prefix)
    {
        using var never = await Fifo.CreateAsync(_repository["never"]);
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", $"{Start(prefix)} read x < {never.Path}"]);
        var buildId = await runner.TriggerAsync();
        var process = await _fifo.ReadLineAsync();

        await runner.Runner.CancelAsync(buildId);

        (await runner.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
        ProcessTable.IsRunning(process).Should().BeFalse();
    }

    [TimedTheory]
    [InlineData("")]
    [InlineData("setsid")]
    public async Task A_process_that_holds_the_output_holds_the_build_for_a_second_only(string prefix)
    {
        RecordingTimeProvider clock = new();
        var start = $"{prefix} sh -c 'echo $$; echo > {_fifo.Path}; exec sleep 100000' & read x < {_fifo.Path}";
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", start], clock);
        var buildId = await runner.TriggerAsync();

        await clock.WaitForTimerAsync(OutputGracePeriod);
        clock.Advance(OutputGracePeriod - TimeSpan.FromMilliseconds(1));
        var before = await runner.Runner.StatusAsync(buildId);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        var build = await runner.FinishAsync(buildId);

        before.Status.Should().Be(BuildStatus.Running);
        build.Status.Should().Be(BuildStatus.Succeeded);
        ProcessTable.IsRunning(build.Lines.Should().ContainSingle().Which).Should().BeFalse();
    }

    [TimedFact]
    public async Task What_a_process_writes_after_the_end_of_the_command_is_in_the_log()
    {
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        RecordingTimeProvider clock = new();
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", $"(read x < {gate.Path}; echo late) & echo early"], clock);
        var buildId = await runner.TriggerAsync();
        await clock.WaitForTimerAsync(OutputGracePeriod);

        gate.Release();

        (await runner.FinishAsync(buildId)).Lines.Should().Equal("early", "late");
    }

    [TimedFact]
    public async Task The_processes_of_another_build_are_left_alone()
    {
        using var started = await Fifo.CreateAsync(_repository["started"]);
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        var slow = await _repository.CommitAsync("slow", ("build.sh", $"echo $$ > {started.Path}; read x < {gate.Path}\n"));
        var quick = await _repository.CommitAsync("quick", ("build.sh", "exit 0\n"));
        await using var runner = new TestRunner(_repository, static options =>
        {
            options.Command = ["sh", "build.sh"];
            options.Concurrency = 2;
        });
        var slowId = await runner.TriggerAsync(slow);
        var process = await started.ReadLineAsync();

        await runner.BuildAsync(quick);

        ProcessTable.IsRunning(process).Should().BeTrue();
        gate.Release();
        (await runner.WaitAsync(slowId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    // Says its number when it has started, and does not hold the output.
    private string Start(string prefix) => $"{prefix} sh -c 'echo $$ > {_fifo.Path}; exec sleep 100000' > /dev/null 2>&1 &";
}
