namespace BuildRunner.Git.Tests.Running;

/// <summary>Clauses T2, T3, T5 and T6 of the contract.</summary>
public sealed class TriggerTests : IAsyncLifetime
{
    private TestRepository _repository = null!;

    public async ValueTask InitializeAsync() => _repository = await TestRepository.CreateAsync();

    public ValueTask DisposeAsync()
    {
        _repository.Dispose();
        return ValueTask.CompletedTask;
    }

    [TimedFact]
    public async Task Trigger_returns_before_the_build_ends()
    {
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", $"read x < {gate.Path}"]);

        var buildId = await runner.TriggerAsync();

        (await runner.Runner.StatusAsync(buildId)).Status.IsTerminal().Should().BeFalse();
        gate.Release();
        (await runner.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task Ids_are_unique_and_known_at_once_also_when_many_are_triggered_together()
    {
        await using var runner = new TestRunner(_repository);

        var ids = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => runner.TriggerAsync())));

        ids.Should().OnlyHaveUniqueItems().And.NotContain(default(BuildId));
        var snapshots = await Task.WhenAll(ids.Select(id => runner.Runner.StatusAsync(id)));
        snapshots.Should().HaveCount(50).And.NotContainNulls();
    }

    [TimedFact]
    public async Task The_metadata_of_the_request_is_given_back_in_every_state()
    {
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        using var started = await Fifo.CreateAsync(_repository["started"]);
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", $"echo > {started.Path}; read x < {gate.Path}"]);
        BuildMetadata metadata = [new("queue", "main"), new("empty", "")];

        var running = await runner.Runner.TriggerAsync([], [], metadata);
        var queued = await runner.Runner.TriggerAsync([], [], metadata);
        await started.ReadLineAsync();
        var whileRunning = await runner.Runner.StatusAsync(running);
        var whileQueued = await runner.Runner.StatusAsync(queued);
        gate.Release();
        var ended = await runner.WaitAsync(running);
        gate.Release();

        whileRunning.Should().BeEquivalentTo(new { Status = BuildStatus.Running, Metadata = metadata });
        whileQueued.Should().BeEquivalentTo(new { Status = BuildStatus.Accepted, Metadata = metadata });
        ended.Metadata.ToDictionary().Should().Contain(metadata.ToDictionary());
    }

    [TimedFact]
    public async Task The_value_of_the_runner_wins_where_both_have_set_a_key()
    {
        await using var runner = new TestRunner(_repository);
        BuildMetadata metadata = [new(BuildMetadataKeys.Commit, "mine"), new(BuildMetadataKeys.FailureKind, "mine")];

        var ended = await runner.WaitAsync(await runner.Runner.TriggerAsync([], [], metadata));

        ended.Metadata[BuildMetadataKeys.Commit].Should().Be(await _repository.TipAsync());
        ended.Metadata[BuildMetadataKeys.FailureKind].Should().Be("mine", "the runner has nothing to say about the failure of a success");
    }

    [TimedFact]
    public async Task A_snapshot_hints_when_to_ask_again_until_the_build_has_ended()
    {
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", $"read x < {gate.Path}"]);

        var buildId = await runner.TriggerAsync();
        var before = await runner.Runner.StatusAsync(buildId);
        gate.Release();
        var after = await runner.WaitAsync(buildId);

        before.PollAfter.Should().BePositive();
        after.PollAfter.Should().BeNull();
    }

    [TimedFact]
    public async Task The_duration_is_from_the_start_to_the_end_by_the_clock_of_the_services()
    {
        using var started = await Fifo.CreateAsync(_repository["started"]);
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        RecordingTimeProvider clock = new();
        await using var runner = new TestRunner(
            _repository, options => options.Command = ["sh", "-c", $"echo > {started.Path}; read x < {gate.Path}"], clock);
        var buildId = await runner.TriggerAsync();
        await started.ReadLineAsync();

        clock.Advance(TimeSpan.FromMinutes(2));
        gate.Release();

        (await runner.WaitAsync(buildId)).Metadata[BuildMetadataKeys.DurationMs].Should().Be("120000");
    }

    [TimedFact]
    public async Task A_token_that_is_cancelled_after_the_trigger_does_not_end_the_build()
    {
        using var gate = await Fifo.CreateAsync(_repository["gate"]);
        await using var runner = new TestRunner(_repository, options => options.Command = ["sh", "-c", $"read x < {gate.Path}"]);
        using CancellationTokenSource abandon = new();
        var buildId = await runner.Runner.TriggerAsync(new BuildRequest(), abandon.Token);

        await abandon.CancelAsync();
        gate.Release();

        (await runner.WaitAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [TimedFact]
    public async Task A_cancelled_token_abandons_every_call()
    {
        await using var runner = new TestRunner(_repository);
        var buildId = (await runner.BuildAsync()).Id;
        CancellationToken cancelled = new(canceled: true);

        Func<Task>[] calls =
        [
            () => runner.Runner.TriggerAsync(new BuildRequest(), cancelled),
            () => runner.Runner.StatusAsync(buildId, cancelled),
            () => runner.Runner.CancelAsync(buildId, cancelled),
            () => runner.Runner.OpenLogAsync(buildId, cancelled),
        ];

        foreach (var call in calls)
        {
            (await call.Should().ThrowAsync<OperationCanceledException>()).Which.CancellationToken.Should().Be(cancelled);
        }
    }
}
