using BuildRunner.Queue;
using BuildRunner.Queue.Tests.Fixtures;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BuildRunner.Orchestration.Tests.Hosting;

public sealed class HealthCheckTests : IAsyncDisposable
{
    private readonly InMemoryBackend _backend = new();
    private readonly FakeBuildRunner _runner;

    public HealthCheckTests()
    {
        _runner = new FakeBuildRunner(_backend.Time);
        _runner.EveryBuild(_ => FakeBuild.RunsUntilCancelled());
    }

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    [Fact]
    public async Task It_is_healthy_while_nothing_is_called_and_while_runners_answer()
    {
        await using var process = await StartAsync();
        var before = await CheckAsync(process);

        await FailForAsync(process, TimeSpan.Zero);

        before.Status.Should().Be(HealthStatus.Healthy);
        (await CheckAsync(process)).Status.Should().Be(HealthStatus.Healthy);
    }

    [Fact]
    public async Task It_is_degraded_when_every_call_of_a_runner_has_failed_for_more_than_a_minute()
    {
        await using var process = await StartAsync();
        using var outage = _runner.EveryStatus(FakeFailure.Transient());

        await FailForAsync(process, TimeSpan.FromSeconds(50));
        var early = await CheckAsync(process);
        await FailForAsync(process, TimeSpan.FromSeconds(20));
        var late = await CheckAsync(process);

        early.Status.Should().Be(HealthStatus.Healthy);
        late.Status.Should().Be(HealthStatus.Degraded);
        late.Data.Should().ContainKey("failing: ci");
    }

    [Fact]
    public async Task It_is_healthy_again_when_a_call_has_succeeded()
    {
        await using var process = await StartAsync();
        var outage = _runner.EveryStatus(FakeFailure.Transient());
        await FailForAsync(process, TimeSpan.FromMinutes(3));
        outage.Dispose();

        await FailForAsync(process, TimeSpan.FromMinutes(2));

        (await CheckAsync(process)).Status.Should().Be(HealthStatus.Healthy);
    }

    [Fact]
    public async Task Builds_that_the_runner_does_not_know_say_nothing_against_it()
    {
        await using var process = await StartAsync();
        process.Hook.OnCallAsync = static call => call.Member == "runner.status" ? throw new BuildNotFoundException() : Task.CompletedTask;

        await FailForAsync(process, TimeSpan.FromMinutes(3));

        (await CheckAsync(process)).Status.Should().Be(HealthStatus.Healthy);
    }

    [Fact]
    public async Task It_is_degraded_while_the_setup_of_a_runner_is_at_fault_and_says_what_is_wrong()
    {
        await using var process = await StartAsync();
        process.Hook.OnCallAsync = static call => call.Member == "runner.trigger" ? throw new BuildRunnerConfigurationException("The token was refused.") : Task.CompletedTask;

        await FailForAsync(process, TimeSpan.FromSeconds(5));
        var early = await CheckAsync(process);
        await FailForAsync(process, TimeSpan.FromMinutes(30));
        var late = await CheckAsync(process);
        process.Hook.OnCallAsync = static _ => Task.CompletedTask;
        await FailForAsync(process, TimeSpan.FromMinutes(6));

        new[] { early, late }.Should().OnlyContain(check => check.Status == HealthStatus.Degraded && check.Data.ContainsKey("failing: ci") && check.Description!.Contains("'ci'") && check.Description.Contains("The token was refused."));
        (await CheckAsync(process)).Status.Should().Be(HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_fault_of_the_setup_is_forgotten_when_nobody_calls_the_runner_any_more()
    {
        await using var process = await StartAsync();
        process.Hook.OnCallAsync = static call => call.Member == "runner.trigger" ? throw new BuildRunnerConfigurationException("The token was refused.") : Task.CompletedTask;
        await FailForAsync(process, TimeSpan.FromSeconds(5));

        await process.Orchestrator.CancelAsync((await process.Orchestrator.ListAsync()).Builds.Single().Id);
        await FailForAsync(process, TimeSpan.FromMinutes(30));

        (await CheckAsync(process)).Status.Should().Be(HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_permission_that_one_call_lacks_is_not_mended_by_the_answer_to_another()
    {
        await using var process = await StartAsync();
        await process.Orchestrator.SubmitAsync(Submissions.Of());
        await process.DrainAsync();
        process.Hook.OnCallAsync = static call => call.Member == "runner.cancel" ? throw new BuildRunnerConfigurationException("The token may not cancel.") : Task.CompletedTask;
        await process.Orchestrator.CancelAsync((await process.Orchestrator.ListAsync()).Builds.Single().Id);

        await FailForAsync(process, TimeSpan.FromMinutes(3));

        (await CheckAsync(process)).Description.Should().Contain("The token may not cancel.");
    }

    [Theory]
    [InlineData(null, HealthStatus.Unhealthy)]
    [InlineData(HealthStatus.Degraded, HealthStatus.Degraded)]
    public async Task It_has_failed_while_nothing_can_be_saved(HealthStatus? failureStatus, HealthStatus expected)
    {
        await using var process = await StartAsync(failureStatus);
        process.Hook.OnCallAsync = static call => call.Member == "store.check" ? throw new InvalidOperationException("The database is away.") : Task.CompletedTask;

        (await CheckAsync(process)).Status.Should().Be(expected);
    }

    [Fact]
    public async Task It_has_failed_while_a_file_can_be_read_and_not_be_written_to()
    {
        await using SqliteFixture file = new();
        await file.InitializeAsync();
        ServiceCollection services = new();
        services.AddLogging();
        services.AddQueue().UseSqlite(file.ConnectionString);
        services.AddBuildOrchestration();
        services.AddHealthChecks().AddBuildOrchestration();
        await using var provider = services.BuildServiceProvider();
        var health = provider.GetRequiredService<HealthCheckService>();
        var before = await health.CheckHealthAsync(TestContext.Current.CancellationToken);
        await file.RefuseWritesAsync();

        var during = await health.CheckHealthAsync(TestContext.Current.CancellationToken);

        await file.TakeWritesAsync();
        before.Status.Should().Be(HealthStatus.Healthy);
        during.Status.Should().Be(HealthStatus.Unhealthy);
        (await health.CheckHealthAsync(TestContext.Current.CancellationToken)).Status.Should().Be(HealthStatus.Healthy);
    }

    [Theory]
    [InlineData(true, false, "holds builds")]
    [InlineData(false, true, "refuses new builds")]
    [InlineData(true, true, "holds and refuses builds")]
    public async Task It_is_degraded_while_a_runner_is_paused_in_any_process_and_says_by_whom_and_why(bool holds, bool refuses, string what)
    {
        await using var process = await StartAsync();
        await using var other = await StartAsync();
        await other.Orchestrator.PauseRunnerAsync("ci", new() { Holds = holds, Refuses = refuses, By = "jane", Reason = "New agents" });

        var paused = await CheckAsync(process);
        await other.Orchestrator.ResumeRunnerAsync("ci", "jane");

        paused.Status.Should().Be(HealthStatus.Degraded);
        paused.Description.Should().ContainAll("'ci'", what, "jane", "New agents");
        paused.Data["paused: ci"].Should().BeOfType<RunnerPause>();
        (await CheckAsync(process)).Status.Should().Be(HealthStatus.Healthy);
    }

    [Fact]
    public async Task A_runner_that_is_paused_and_ill_is_reported_as_both()
    {
        await using var process = await StartAsync();
        using var outage = _runner.EveryStatus(FakeFailure.Transient());
        await FailForAsync(process, TimeSpan.FromSeconds(90));
        await process.Orchestrator.PauseRunnerAsync("ci", new() { Holds = true, By = "jane", Reason = "It is away" });

        var check = await CheckAsync(process);

        check.Description.Should().ContainAll("has answered no poll or look-up", "jane", "It is away");
        check.Data["paused: ci"].Should().BeOfType<RunnerPause>().Which.By.Should().Be("jane");
        check.Data["failing: ci"].Should().BeOfType<TimeSpan>().Which.Should().BeGreaterThan(TimeSpan.FromMinutes(1));
    }

    private static async Task<HealthReportEntry> CheckAsync(StageProcess process) =>
        (await process.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["builds"];

    private Task<StageProcess> StartAsync(HealthStatus? failureStatus = null) => StageProcess.StartAsync(_backend, (stage, hook) =>
    {
        stage.Services.AddHealthChecks().AddBuildOrchestration(failureStatus: failureStatus);
        stage.AddRunner(hook, _runner);
    });

    // By the calls of one build, which is submitted by the first.
    private async Task FailForAsync(StageProcess process, TimeSpan time)
    {
        await process.Orchestrator.SubmitAsync(Submissions.Of());
        var end = _backend.Time.GetUtcNow() + time;
        await process.DrainAsync();
        while (_backend.Time.GetUtcNow() < end)
        {
            await _backend.AdvanceAsync(TimeSpan.FromSeconds(1));
            await process.DrainAsync();
        }
    }
}
