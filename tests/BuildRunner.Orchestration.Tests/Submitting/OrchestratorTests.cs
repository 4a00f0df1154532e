namespace BuildRunner.Orchestration.Tests.Submitting;

/// <summary>Other calls on builds. The effects of a cancel and a signal are in the tests of the invariants.</summary>
public sealed class OrchestratorTests : IAsyncLifetime
{
    private readonly InMemoryBackend _backend = new();
    private readonly FakeBuildRunner _runner;
    private StageProcess _process = null!;

    public OrchestratorTests() => _runner = new FakeBuildRunner(_backend.Time);

    private IBuildOrchestrator Orchestrator => _process.Orchestrator;

    public async ValueTask InitializeAsync() => _process = await StageProcess.StartAsync(_backend, (stage, hook) => stage.AddRunner(hook, _runner));

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        await _backend.DisposeAsync();
    }

    [Fact]
    public async Task A_build_that_is_not_there_is_null()
    {
        (await Orchestrator.GetAsync(Guid.CreateVersion7())).Should().BeNull();
        (await Orchestrator.GetAsync(Guid.Empty)).Should().BeNull();
        (await Orchestrator.CancelAsync(Guid.CreateVersion7())).Should().BeNull();
    }

    [Fact]
    public async Task A_cancel_answers_the_build_as_it_is_saved()
    {
        var submitted = await Orchestrator.SubmitAsync(Submissions.Of());

        var cancelled = await Orchestrator.CancelAsync(submitted.Id);

        cancelled.Should().Be(await Orchestrator.GetAsync(submitted.Id));
        cancelled.Should().Be(submitted with { CancelCause = BuildCancelCause.Caller, Version = 2 });
    }

    [Fact]
    public async Task A_second_cancel_changes_nothing()
    {
        var submitted = await Orchestrator.SubmitAsync(Submissions.Of());
        var first = await Orchestrator.CancelAsync(submitted.Id);
        await _backend.AdvanceAsync(TimeSpan.FromSeconds(1));

        var second = await Orchestrator.CancelAsync(submitted.Id);

        second.Should().Be(first);
    }

    [Fact]
    public async Task A_cancel_of_a_build_that_has_ended_changes_nothing()
    {
        var submitted = await Orchestrator.SubmitAsync(Submissions.Of());
        await _process.RunToEndAsync(submitted.Id, TimeSpan.FromMinutes(1));

        var answer = await Orchestrator.CancelAsync(submitted.Id);

        answer.Should().Be(await Orchestrator.GetAsync(submitted.Id));
        answer.Should().Match<Build>(build => build.Status == BuildStatus.Succeeded && build.CancelCause == BuildCancelCause.None);
    }

    [Fact]
    public async Task A_cancel_that_meets_a_change_of_somebody_else_is_decided_anew()
    {
        var submitted = await Orchestrator.SubmitAsync(Submissions.Of());
        var isMet = false;
        await using var other = await StageProcess.StartAsync(_backend, (stage, hook) => stage.AddRunner(hook, _runner));
        _process.Hook.OnCallAsync = async call =>
        {
            if (call == new StageCall("store.update", IsDone: false) && !isMet)
            {
                isMet = true;
                await other.StepAsync(BuildTopics.TriggerOf("ci"));
            }
        };

        var answer = await Orchestrator.CancelAsync(submitted.Id);

        answer.Should().Match<Build>(build => build.Status == BuildStatus.Accepted && build.CancelCause == BuildCancelCause.Caller);
        answer.Should().Be(await Orchestrator.GetAsync(submitted.Id));
    }

    [Fact]
    public async Task A_signal_needs_a_runner() => await Orchestrator.Invoking(it => it.SignalAsync(null!, new BuildId("1"))).Should().ThrowAsync<ArgumentNullException>();

    [Fact]
    public async Task Builds_are_listed_in_their_order_page_by_page()
    {
        List<Guid> submitted = [];
        for (var number = 0; number < 7; number++)
        {
            submitted.Add((await Orchestrator.SubmitAsync(Submissions.Of(key: $"build-{number}"))).Id);
            await _backend.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        }

        List<Guid> listed = [];
        List<int> pages = [];
        Guid? after = null;
        do
        {
            var page = await Orchestrator.ListAsync(new BuildQuery { Order = BuildOrder.OldestFirst, Limit = 3, After = after });
            listed.AddRange(page.Builds.Select(build => build.Id));
            pages.Add(page.Builds.Count);
            after = page.Next;
        }
        while (after is not null);

        listed.Should().Equal(submitted);
        pages.Should().Equal(3, 3, 1);
    }

    [Fact]
    public async Task Builds_are_listed_by_owner_runner_and_status()
    {
        var ended = await Orchestrator.SubmitAsync(Submissions.Of(key: "build-1"));
        await _process.RunToEndAsync(ended.Id, TimeSpan.FromMinutes(1));
        var mine = await Orchestrator.SubmitAsync(Submissions.Of(key: "build-2"));
        var other = await Orchestrator.SubmitAsync(Submissions.Of(key: "build-3", owner: "queue-2"));

        (await IdsAsync(new BuildQuery { OwnerId = "queue-1" })).Should().BeEquivalentTo([ended.Id, mine.Id]);
        (await IdsAsync(new BuildQuery { Status = BuildStatus.Accepted })).Should().BeEquivalentTo([mine.Id, other.Id]);
        (await IdsAsync(new BuildQuery { OwnerId = "queue-1", Status = BuildStatus.Succeeded })).Should().Equal(ended.Id);
        (await IdsAsync(new BuildQuery { Runner = ended.Runner })).Should().BeEquivalentTo([ended.Id, mine.Id, other.Id]);
        (await IdsAsync(new BuildQuery { OwnerId = "nobody" })).Should().BeEmpty();
        (await IdsAsync(new BuildQuery { Runner = "nobody" })).Should().BeEmpty();
    }

    [Fact]
    public async Task Without_a_query_the_100_newest_are_listed()
    {
        List<Guid> submitted = [];
        for (var number = 0; number < 101; number++)
        {
            submitted.Insert(0, (await Orchestrator.SubmitAsync(Submissions.Of(key: $"build-{number}"))).Id);
            await _backend.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        }

        var page = await Orchestrator.ListAsync();

        page.Builds.Select(static build => build.Id).Should().Equal(submitted.Take(100));
        page.Next.Should().Be(page.Builds[^1].Id);
    }

    private async Task<List<Guid>> IdsAsync(BuildQuery query) => [.. (await Orchestrator.ListAsync(query)).Builds.Select(build => build.Id)];
}
