using BuildRunner.Orchestration.Tests.Handling;
using Microsoft.Extensions.Logging;

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

        await process.Invoking(it => it.Orchestrator.PauseRunnerAsync(runner, pause)).Should().ThrowAsync<ArgumentException>();

        (await process.Orchestrator.ListRunnersAsync()).Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_out_of_range_is_named()
    {
        await using var process = await StageProcess.StartAsync(_backend, static (_, _) => { });

        (await process.Invoking(static it => it.Orchestrator.PauseRunnerAsync("ci", Pause with { By = "" })).Should().ThrowAsync<ArgumentException>()).WithMessage("RunnerPause.By has 0 characters; *").WithParameterName("pause");
        (await process.Invoking(static it => it.Orchestrator.PauseRunnerAsync("ci", Pause with { Reason = new string('r', 1001) })).Should().ThrowAsync<ArgumentException>()).WithMessage("RunnerPause.Reason has 1001 characters; *").WithParameterName("pause");
        (await process.Invoking(static it => it.Orchestrator.ResumeRunnerAsync("ci", "")).Should().ThrowAsync<ArgumentException>()).WithMessage("by has 0 characters; *").WithParameterName("by");
    }

    [Theory]
    [InlineData("", "jane", null)]
    [InlineData("ci_dlq", "jane", null)]
    [InlineData("ci", "", null)]
    [InlineData("ci", "256", null)]
    [InlineData("ci", "jane", "1001")]
    public async Task Who_resumes_a_runner_must_say_so(string runner, string by, string? reason)
    {
        await using var process = await StageProcess.StartAsync(_backend, static (_, _) => { });
        await process.Orchestrator.PauseRunnerAsync("ci", Pause);

        await process.Invoking(it => it.Orchestrator.ResumeRunnerAsync(runner, by == "256" ? new string('b', 256) : by, reason is null ? null : new string('r', 1001))).Should().ThrowAsync<ArgumentException>();

        (await process.Orchestrator.ListRunnersAsync()).Should().ContainSingle().Which.Pause.Should().NotBeNull();
    }

    [Fact]
    public async Task A_process_that_knows_runners_pauses_those_that_it_knows_as_it_submits_to_them()
    {
        await using var process = await StageProcess.StartAsync(_backend, static (stage, hook) => stage.AddRunner(hook, new FakeBuildRunner()).AddRemoteRunner("remote"));

        var submit = await process.Invoking(static it => it.Orchestrator.SubmitAsync(Submissions.Of(runner: "other"))).Should().ThrowAsync<ArgumentException>();
        var pause = await process.Invoking(static it => it.Orchestrator.PauseRunnerAsync("other", Pause)).Should().ThrowAsync<ArgumentException>();
        await process.Invoking(static it => it.Orchestrator.ResumeRunnerAsync("other", "jane")).Should().ThrowAsync<ArgumentException>();

        pause.Which.Message.Should().Contain("There is no runner 'other'; there are 'ci', 'remote'.").And.Contain(submit.Which.Message[..60]);
        (await process.Orchestrator.PauseRunnerAsync("remote", Pause)).Pause.Should().NotBeNull();
        (await process.Orchestrator.ListRunnersAsync()).Should().HaveCount(2, "nothing is left of the other");
    }

    [Fact]
    public async Task The_pause_of_a_runner_that_nobody_has_any_more_can_be_ended()
    {
        await using var before = await StageProcess.StartAsync(_backend, static (_, _) => { });
        await before.Orchestrator.PauseRunnerAsync("old", Pause);
        await using var process = await StageProcess.StartAsync(_backend, static (stage, hook) => stage.AddRunner(hook, new FakeBuildRunner()));

        (await process.Orchestrator.ResumeRunnerAsync("old", "jane")).Pause.Should().BeNull();
    }

    [Fact]
    public async Task A_pause_and_its_end_are_logged_once()
    {
        using RecordedLog log = new();
        await using var process = await StageProcess.StartAsync(_backend, (stage, _) => stage.Services.AddLogging(logging => logging.AddProvider(log)));

        for (var time = 0; time < 2; time++)
        {
            await process.Orchestrator.PauseRunnerAsync("ci", Pause with { Reason = "New agents" });
        }

        for (var time = 0; time < 2; time++)
        {
            await process.Orchestrator.ResumeRunnerAsync("ci", "joe", "They are there");
        }

        log.Entries.Should().Equal(
            (LogLevel.Warning, "The runner 'ci' holds builds from now on, paused by jane: New agents"),
            (LogLevel.Information, "The runner 'ci' was resumed by joe: They are there"));
    }

    [Fact]
    public async Task The_longest_pause_is_kept_and_null_is_no_runner()
    {
        await using var process = await StageProcess.StartAsync(_backend, static (_, _) => { });
        var longest = Pause with { By = new string('b', 255), Reason = new string('r', 1000), Since = StageBackend.Start };

        await process.Orchestrator.PauseRunnerAsync("ci", longest);

        (await process.Orchestrator.ListRunnersAsync()).Should().ContainSingle().Which.Pause.Should().Be(longest);
        await process.Invoking(it => it.Orchestrator.PauseRunnerAsync(null!, Pause)).Should().ThrowAsync<ArgumentNullException>();
    }
}
