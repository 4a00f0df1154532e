namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O15_SettleTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly TimeSpan Settle = new BuildRunnerOptions().SettleDelay;

    [Fact]
    public async Task A_cancel_that_nobody_asked_for_ends_the_build_once_it_has_lasted()
    {
        var (_, process, build) = await StartCancelledAsync();
        await RunForAsync(process, Settle - TimeSpan.FromSeconds(3));
        var settling = await GetAsync(process, build);

        await RunForAsync(process, TimeSpan.FromSeconds(10));

        settling.Status.Should().Be(BuildStatus.Running);
        settling.Note.Should().Contain("nobody here asked for it");
        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_build_that_the_CI_runs_again_goes_on_and_its_owner_hears_of_no_end()
    {
        var (ci, process, build) = await StartCancelledAsync();
        await RunForAsync(process, TimeSpan.FromSeconds(20));

        ci.Status = BuildStatus.Running;
        await RunForAsync(process, TimeSpan.FromMinutes(1));
        var running = await GetAsync(process, build);
        ci.Status = BuildStatus.Succeeded;
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        (running.Status, running.Note, running.Attempt).Should().Be((BuildStatus.Running, null, 1));
        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Succeeded);
        Observer.Seen.Should().NotContain(static seen => seen.Status == BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_second_cancel_settles_anew()
    {
        var (ci, process, build) = await StartCancelledAsync();
        await RunForAsync(process, Settle - TimeSpan.FromSeconds(10));
        ci.Status = BuildStatus.Running;
        await RunForAsync(process, TimeSpan.FromSeconds(8));

        ci.Status = BuildStatus.Cancelled;
        await RunForAsync(process, Settle - TimeSpan.FromSeconds(5));
        var settling = await GetAsync(process, build);
        await RunForAsync(process, TimeSpan.FromSeconds(15));

        settling.Status.Should().Be(BuildStatus.Running);
        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_cancel_that_is_asked_for_meanwhile_ends_the_build_at_once()
    {
        var (_, process, build) = await StartCancelledAsync();

        await process.Orchestrator.CancelAsync(build.Id);
        await process.DrainAsync();

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_cancel_that_was_asked_for_does_not_wait()
    {
        var (process, build) = await StartRunningAsync();

        await process.Orchestrator.CancelAsync(build.Id);
        await process.DrainAsync();

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Theory]
    [InlineData(BuildStatus.Succeeded)]
    [InlineData(BuildStatus.Failed)]
    public async Task No_other_end_waits(BuildStatus end)
    {
        var (process, build) = await StartRunningAsync();
        Runner.MoveTo(build.RemoteId!.Value, end);

        await RunForAsync(process, TimeSpan.FromSeconds(4));

        (await GetAsync(process, build)).Status.Should().Be(end);
    }

    [Fact]
    public async Task A_signal_polls_and_puts_the_end_neither_off_nor_forward()
    {
        var (ci, process, build) = await StartCancelledAsync();
        var (settling, polls) = (await GetAsync(process, build), ci.Polls);

        await SignalAsync(process, build, times: 3);
        await process.DrainAsync();

        ci.Polls.Should().BeGreaterThan(polls);
        (await GetAsync(process, build)).Should().Be(settling);
        await RunForAsync(process, Settle);
        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_process_that_dies_meanwhile_starts_nothing_over()
    {
        var (ci, first, build) = await StartCancelledAsync();
        await RunForAsync(first, Settle - TimeSpan.FromSeconds(5));
        first.Crash();

        var second = await StartAsync(ci);
        await RunForAsync(second, TimeSpan.FromMinutes(1));

        var ended = await GetAsync(second, build);
        ended.Status.Should().Be(BuildStatus.Cancelled);
        first.IsOver.Should().BeTrue();
    }

    [Fact]
    public async Task Without_a_delay_it_ends_at_once()
    {
        var (ci, process, build) = await StartAsync(TimeSpan.Zero);
        ci.Status = BuildStatus.Cancelled;

        await RunForAsync(process, TimeSpan.FromSeconds(4));

        (await GetAsync(process, build)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_limit_that_passes_meanwhile_says_why_it_ended()
    {
        var (_, process, build) = await StartCancelledAsync(timeout: TimeSpan.FromSeconds(20));

        await RunForAsync(process, TimeSpan.FromSeconds(25));

        var ended = await GetAsync(process, build);
        KindOf(ended).Should().Be(BuildFailureKinds.Timeout);
        ended.Metadata[BuildLimits.MetadataKey].Should().Be("total");
    }

    private async Task<(ScriptedStatusRunner Ci, StageProcess Process, Build Build)> StartCancelledAsync(TimeSpan? timeout = null)
    {
        var (ci, process, build) = await StartAsync(Settle, timeout);
        ci.Status = BuildStatus.Cancelled;
        await RunForAsync(process, TimeSpan.FromSeconds(3));
        return (ci, process, build);
    }

    private async Task<(ScriptedStatusRunner Ci, StageProcess Process, Build Build)> StartAsync(TimeSpan settle, TimeSpan? timeout = null)
    {
        ScriptedStatusRunner ci = new(Runner) { Status = BuildStatus.Running };
        var process = await StartAsync(ci, configure: options => options.SettleDelay = settle);
        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: timeout));
        await process.DrainAsync();
        return (ci, process, await GetAsync(process, submitted));
    }
}
