namespace BuildRunner.Git.Tests.Cancelling;

/// <summary>Clauses C1, C2 and C4 of the contract.</summary>
[Slow]
public sealed class CancelTests : IAsyncLifetime
{
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(77);

    private readonly RecordingTimeProvider _clock = new();
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

    [TimedFact]
    public async Task A_queued_build_never_runs()
    {
        await using var runner = Create($"echo run >> {_repository["runs"]}");
        var running = await runner.TriggerAsync();
        await _started.ReadLineAsync();
        var queued = await runner.TriggerAsync();

        await runner.Runner.CancelAsync(queued);
        var cancelled = await runner.WaitAsync(queued);
        var meanwhile = await runner.Runner.StatusAsync(running);
        _gate.Release();
        await runner.WaitAsync(running);
        _gate.Release();
        await runner.BuildAsync();

        cancelled.Status.Should().Be(BuildStatus.Cancelled);
        meanwhile.Status.Should().Be(BuildStatus.Running);
        File.ReadAllLines(_repository["runs"]).Should().HaveCount(2);
    }

    [TimedFact]
    public async Task A_running_build_is_asked_to_end_by_a_signal()
    {
        await using var runner = Create("trap 'echo asked; exit 0' TERM", waits: true);
        var buildId = await runner.TriggerAsync();
        await _started.ReadLineAsync();

        await runner.Runner.CancelAsync(buildId);
        var build = await runner.FinishAsync(buildId);

        build.Status.Should().Be(BuildStatus.Cancelled);
        build.FailureKind.Should().BeNull();
        build.Lines[0].Should().Be("asked");
    }

    [TimedFact]
    public async Task Every_process_of_the_command_is_asked()
    {
        await using var runner = Create($"sh -c \"trap 'echo child asked; exit 0' TERM; echo > {_gate.Path}; read x < {_repository["never"]}\" & read x < {_gate.Path}; trap 'wait; exit 0' TERM");
        using var never = await Fifo.CreateAsync(_repository["never"]);
        var buildId = await runner.TriggerAsync();
        await _started.ReadLineAsync();

        await runner.Runner.CancelAsync(buildId);

        (await runner.FinishAsync(buildId)).Lines.Should().Contain("child asked");
    }

    [TimedFact]
    public async Task A_command_that_does_not_listen_is_killed_after_the_grace_period()
    {
        await using var runner = Create("trap '' TERM");
        var buildId = await runner.TriggerAsync();
        var process = await _started.ReadLineAsync();

        await runner.Runner.CancelAsync(buildId);
        await _clock.WaitForTimerAsync(GracePeriod);
        _clock.Advance(GracePeriod - TimeSpan.FromMilliseconds(1));
        var before = (await runner.Runner.StatusAsync(buildId)).Status;
        var ranBefore = ProcessTable.IsRunning(process);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        var after = await runner.WaitAsync(buildId);

        before.Should().Be(BuildStatus.Running);
        ranBefore.Should().BeTrue();
        after.Status.Should().Be(BuildStatus.Cancelled);
        ProcessTable.IsRunning(process).Should().BeFalse();
    }

    [TimedFact]
    public async Task Cancel_returns_while_the_command_is_still_there_and_can_be_repeated()
    {
        await using var runner = Create("trap '' TERM");
        var buildId = await runner.TriggerAsync();
        var process = await _started.ReadLineAsync();

        await runner.Runner.CancelAsync(buildId);
        await runner.Runner.CancelAsync(buildId);

        ProcessTable.IsRunning(process).Should().BeTrue();
        await _clock.WaitForTimerAsync(GracePeriod);
        _clock.Advance(GracePeriod);
        (await runner.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [TimedFact]
    public async Task A_command_without_grace_is_killed_at_once()
    {
        await using var runner = Create("trap '' TERM", options => options.CancelGrace = TimeSpan.Zero);
        var buildId = await runner.TriggerAsync();
        await _started.ReadLineAsync();

        await runner.Runner.CancelAsync(buildId);

        (await runner.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [TimedTheory]
    [InlineData("exit 0", BuildStatus.Succeeded)]
    [InlineData("exit 1", BuildStatus.Failed)]
    public async Task A_build_that_has_ended_stays_as_it_is(string script, BuildStatus status)
    {
        await using var runner = Create(script);
        var build = await runner.BuildAsync();

        await runner.Runner.CancelAsync(build.Id);

        var after = await runner.Runner.StatusAsync(build.Id);
        after.Should().Be(build.Snapshot);
        after.Status.Should().Be(status);
    }

    [TimedFact]
    public async Task A_build_that_was_cancelled_can_be_cancelled_again()
    {
        await using var runner = Create("");
        var buildId = await runner.TriggerAsync();
        await _started.ReadLineAsync();
        await runner.Runner.CancelAsync(buildId);
        var ended = await runner.WaitAsync(buildId);

        await runner.Runner.CancelAsync(buildId);

        (await runner.Runner.StatusAsync(buildId)).Should().Be(ended);
    }

    [TimedFact]
    public async Task A_build_after_a_cancelled_one_runs()
    {
        await using var runner = Create("");
        var buildId = await runner.TriggerAsync();
        await _started.ReadLineAsync();
        await runner.Runner.CancelAsync(buildId);
        await runner.WaitAsync(buildId);
        _gate.Release();

        (await runner.BuildAsync()).Status.Should().Be(BuildStatus.Succeeded);
    }

    // Says its number when it has started and then waits for the gate.
    // A shell may lose a signal that comes just before it reads, and none that comes while it waits.
    private TestRunner Create(string script, Action<GitBuildRunnerOptions>? configure = null, bool waits = false) => new(
        _repository,
        options =>
        {
            options.Command = ["sh", "-c", $"{(script.Length == 0 ? ":" : script)}; echo $$ > {_started.Path}; read x < {_gate.Path}{(waits ? " & wait" : "")}"];
            options.CancelGrace = GracePeriod;
            configure?.Invoke(options);
        },
        _clock);
}
