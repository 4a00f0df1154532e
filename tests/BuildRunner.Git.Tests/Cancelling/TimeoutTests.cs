namespace BuildRunner.Git.Tests.Cancelling;

[Slow]
public sealed class TimeoutTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(77);

    [TimedTheory]
    [InlineData("", false)]
    [InlineData("trap '' TERM;", true)]
    public async Task A_build_that_takes_longer_than_it_may_has_failed(string prefix, bool isDeaf)
    {
        RecordingTimeProvider clock = new();
        using var repository = await TestRepository.CreateAsync();
        using var started = await Fifo.CreateAsync(repository["started"]);
        using var never = await Fifo.CreateAsync(repository["never"]);
        await using var runner = new TestRunner(
            repository,
            options =>
            {
                options.Command = ["sh", "-c", $"{prefix} echo $$ > {started.Path}; read x < {never.Path}"];
                options.Timeout = Timeout;
                options.CancelGrace = GracePeriod;
            },
            clock);
        var buildId = await runner.TriggerAsync();
        var process = await started.ReadLineAsync();

        clock.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        var before = ProcessTable.IsRunning(process);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        if (isDeaf)
        {
            await clock.WaitForTimerAsync(GracePeriod);
            clock.Advance(GracePeriod);
        }

        var build = await runner.FinishAsync(buildId);

        before.Should().BeTrue();
        build.Status.Should().Be(BuildStatus.Failed);
        build.FailureKind.Should().Be(BuildFailureKinds.Timeout);
        ProcessTable.IsRunning(process).Should().BeFalse();
    }

    [TimedFact]
    public async Task The_time_in_the_queue_does_not_count()
    {
        RecordingTimeProvider clock = new();
        using var repository = await TestRepository.CreateAsync();
        using var started = await Fifo.CreateAsync(repository["started"]);
        using var gate = await Fifo.CreateAsync(repository["gate"]);
        await using var runner = new TestRunner(
            repository,
            options =>
            {
                options.Command = ["sh", "-c", $"echo > {started.Path}; read x < {gate.Path}"];
                options.Timeout = Timeout;
            },
            clock);
        var first = await runner.TriggerAsync();
        await started.ReadLineAsync();
        var queued = await runner.TriggerAsync();

        clock.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        gate.Release();
        await runner.WaitAsync(first);
        await started.ReadLineAsync();
        clock.Advance(Timeout - TimeSpan.FromMilliseconds(1));
        gate.Release();

        (await runner.WaitAsync(queued)).Status.Should().Be(BuildStatus.Succeeded);
    }
}
