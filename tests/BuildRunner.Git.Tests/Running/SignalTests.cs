namespace BuildRunner.Git.Tests.Running;

/// <summary>The end of a build after a signal has ended its command.</summary>
[Slow]
public sealed class SignalTests : IAsyncLifetime
{
    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedTheory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("HUP")]
    [InlineData("QUIT")]
    public async Task A_command_that_somebody_else_has_ended_is_a_fault_of_the_machine(string signal)
    {
        using var started = await Fifo.CreateAsync(_repository["started"]);
        await using TestRunner runner = new(_repository, options => options.Command = ["sh", "-c", $"echo $$ > {started.Path}; exec sleep 100000"]);
        var buildId = await runner.TriggerAsync();
        var process = await started.ReadLineAsync();

        await _repository.ShellAsync($"kill -{signal} {process}");
        var build = await runner.FinishAsync(buildId);

        (build.Status, build.FailureKind).Should().Be((BuildStatus.Failed, BuildFailureKinds.Infra));
        build.Log.Should().Contain("SIG" + signal);
        build.Commit.Should().Be(await _repository.TipAsync());
    }

    [TimedTheory]
    [InlineData("SEGV")]
    [InlineData("ABRT")]
    [InlineData("BUS")]
    [InlineData("FPE")]
    [InlineData("ILL")]
    [InlineData("SYS")]
    [InlineData("TRAP")]
    [InlineData("PIPE")]
    [InlineData("XCPU")]
    public async Task A_command_that_has_crashed_is_a_fault_of_the_code(string signal)
    {
        var build = await RunAsync($"kill -{signal} $$");

        (build.Status, build.FailureKind).Should().Be((BuildStatus.Failed, BuildFailureKinds.Code));
        build.Log.Should().Contain("SIG" + signal);
    }

    [TimedTheory]
    [InlineData("exit 137")]
    [InlineData("exit 143")]
    [InlineData("sh -c 'kill -KILL $$'; exit $?")]
    [InlineData("sh -c 'kill -TERM $$'; exit $?")]
    public async Task A_command_that_reports_a_signal_by_its_exit_code_is_a_fault_of_the_code(string script)
    {
        var build = await RunAsync(script);

        (build.Status, build.FailureKind).Should().Be((BuildStatus.Failed, BuildFailureKinds.Code));
    }

    [TimedFact]
    public async Task A_base_whose_run_somebody_else_has_ended_is_not_to_blame()
    {
        var @base = await _repository.CommitAsync("base", ("base.txt", ""));
        var head = await _repository.CommitAsync("head", ("head.txt", ""));
        await using TestRunner runner = new(_repository, static options =>
        {
            options.Command = ["sh", "-c", "test ! -e head.txt || exit 1; kill -KILL $$"];
            options.AttributeFailures = true;
        });

        var build = await runner.BuildAsync([@base], [head]);

        (build.FailureKind, build.FailedSide).Should().Be((BuildFailureKinds.Code, null));
    }

    [TimedTheory]
    [InlineData("exec {0}", "it was killed itself")]
    [InlineData("{0}; exit $?", "it reports what has become of its child")]
    [InlineData("{0} || exit 1", "it reports a failure, as make does")]
    public async Task A_command_that_the_kernel_has_taken_the_memory_from_is_a_fault_of_the_machine(string script, string because)
    {
        using var group = MemoryGroup.Create(megabytes: 200);
        await using var host = HostProcess.Start(_repository, _repository["state"], ["sh", "-c", script.Replace("{0}", "tail /dev/zero", StringComparison.Ordinal)]);
        group.Add(host.Id);
        await using TestRunner reader = new(_repository, options => options.StateDirectory = _repository["state"]);

        var build = await reader.FinishAsync(await host.TriggerAsync());

        (build.Status, build.FailureKind).Should().Be((BuildStatus.Failed, BuildFailureKinds.Infra), because);
        build.Log.Should().Contain("memory");
    }

    private async Task<FinishedBuild> RunAsync(string script)
    {
        await using TestRunner runner = new(_repository, options => options.Command = ["sh", "-c", script]);
        return await runner.BuildAsync();
    }
}
