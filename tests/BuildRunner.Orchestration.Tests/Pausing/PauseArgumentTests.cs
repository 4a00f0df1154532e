namespace BuildRunner.Orchestration.Tests.Pausing;

public sealed class PauseArgumentTests : IAsyncDisposable
{
    private static readonly RunnerPause Pause = new() { Holds = true, By = "jane" };

    private readonly InMemoryBackend _backend = new();

    public static TheoryData<string, RunnerPause> Unfit => new()
    {
        { "", Pause },
        { new string('r', 101), Pause },
        { "ci_dlq", Pause },
        { "ci", Pause with { Holds = false } },
        { "ci", Pause with { By = "" } },
        { "ci", Pause with { By = new string('b', 256) } },
        { "ci", Pause with { Reason = new string('r', 1001) } },
    };

    public ValueTask DisposeAsync() => _backend.DisposeAsync();

    [Theory]
    [MemberData(nameof(Unfit))]
    public async Task A_pause_that_is_unfit_is_refused_and_changes_nothing(string runner, RunnerPause pause)
    {
        await using var process = await StageProcess.StartAsync(_backend, static (_, _) => { });

        await process.Invoking(it => it.Orchestrator.SetPauseAsync(runner, pause)).Should().ThrowAsync<ArgumentException>();

        (await process.Orchestrator.ListRunnersAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task The_longest_pause_is_kept_and_null_is_no_runner()
    {
        await using var process = await StageProcess.StartAsync(_backend, static (_, _) => { });
        var longest = Pause with { By = new string('b', 255), Reason = new string('r', 1000), Since = StageBackend.Start };

        await process.Orchestrator.SetPauseAsync("ci", longest);

        (await process.Orchestrator.ListRunnersAsync()).Should().ContainSingle().Which.Pause.Should().Be(longest);
        await process.Invoking(it => it.Orchestrator.SetPauseAsync(null!, Pause)).Should().ThrowAsync<ArgumentNullException>();
    }
}
