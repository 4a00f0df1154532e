namespace BuildRunner.Orchestration.Tests;

public sealed class LifeTests : IAsyncDisposable
{
    private readonly InMemoryBackend _backend = new();
    private readonly RecordingObserver _observer = new();
    private readonly FakeBuildRunner _runner;

    public LifeTests() => _runner = new FakeBuildRunner(_backend.Time);

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_build_goes_through_its_states_to_its_end_and_each_wakes_its_owner(bool finds)
    {
        _runner.NextBuild(FakeBuild.WaitsFor(TimeSpan.FromMinutes(1), FakeBuild.Succeeds(after: TimeSpan.FromMinutes(3))));
        await using var process = await StartAsync(finds);

        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of());
        await process.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(10));

        var build = await process.Orchestrator.GetAsync(submitted.Id);
        build!.Status.Should().Be(BuildStatus.Succeeded);
        _observer.Seen.Select(seen => seen.Status).Should().Equal(BuildStatus.Accepted, BuildStatus.Running, BuildStatus.Succeeded);
        _runner.CreatedBuilds.Should().Be(1);
        _runner.Triggers.Should().ContainSingle().Which.Request.TriggerKey.Should().Be(submitted.Id.ToString());
    }

    [Fact]
    public async Task A_build_that_does_not_end_is_cancelled_at_its_deadline()
    {
        _runner.NextBuild(FakeBuild.RunsUntilCancelled());
        await using var process = await StartAsync(finds: true);

        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: TimeSpan.FromMinutes(10)));
        await process.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(16));

        var build = await process.Orchestrator.GetAsync(submitted.Id);
        build!.Status.Should().Be(BuildStatus.Failed);
        build.Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Timeout);
        _runner.Cancels.Should().ContainSingle();
        build.UpdatedAt.Should().BeCloseTo(StageBackend.Start.AddMinutes(10), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_build_whose_cancel_is_ignored_ends_when_it_was_asked_for_once_more_after_the_grace()
    {
        _runner.NextBuild(FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = Timeout.InfiniteTimeSpan });
        await using var process = await StartAsync(finds: true);

        var submitted = await process.Orchestrator.SubmitAsync(Submissions.Of(timeout: TimeSpan.FromMinutes(10)));
        await process.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(18));

        var build = await process.Orchestrator.GetAsync(submitted.Id);
        build!.Status.Should().Be(BuildStatus.Failed);
        build.UpdatedAt.Should().Be(StageBackend.Start.AddMinutes(17));
        _runner.Cancels.Count.Should().BeGreaterThan(100);
    }

    private Task<StageProcess> StartAsync(bool finds) => StageProcess.StartAsync(_backend, (stage, hook) => stage.AddRunner(hook, _runner, finds).AddObserver(_observer));
}
