using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O01_OneTransactionTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    [Fact]
    public async Task A_submitter_that_dies_as_soon_as_the_build_is_saved_leaves_one_that_is_followed_to_its_end()
    {
        var first = await StartAsync();
        CrashAt(first, new StageCall("store.create", IsDone: true));
        await first.Invoking(process => process.Orchestrator.SubmitAsync(Submissions.Of())).Should().ThrowAsync<CrashException>();

        var second = await StartAsync();
        var saved = (await second.Orchestrator.ListAsync()).Builds.Should().ContainSingle().Subject;
        await second.RunToEndAsync(saved.Id, TimeSpan.FromMinutes(1));

        (await GetAsync(second, saved)).Status.Should().Be(BuildStatus.Succeeded);
        Runner.CreatedBuilds.Should().Be(1);
    }

    [Fact]
    public async Task A_submitter_that_dies_before_the_build_is_saved_leaves_nothing()
    {
        var first = await StartAsync();
        CrashAt(first, new StageCall("store.create", IsDone: false));
        await first.Invoking(process => process.Orchestrator.SubmitAsync(Submissions.Of())).Should().ThrowAsync<CrashException>();

        var second = await StartAsync();
        await RunForAsync(second, TimeSpan.FromHours(12));

        (await second.Orchestrator.ListAsync()).Builds.Should().BeEmpty();
        Runner.Triggers.Should().BeEmpty();
    }

    [Fact]
    public async Task The_last_wake_is_not_lost_by_a_crash_as_soon_as_the_end_is_saved()
    {
        var (first, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)));
        OnEnd(first, build, first.Crash);
        await RunUntilEndedAsync(first, build);
        Observer.Seen.Should().NotContain(seen => seen.Status.IsTerminal());

        var second = await StartAsync();
        await RunForAsync(second, TimeSpan.FromMinutes(1));

        Observer.Seen.Should().ContainSingle(seen => seen.Status == BuildStatus.Succeeded);
    }

    [Fact]
    public async Task The_last_wake_is_not_lost_by_a_shutdown_as_soon_as_the_end_is_saved()
    {
        var (first, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)));
        OnEnd(first, build, first.Stop);
        await RunUntilEndedAsync(first, build);
        Observer.Seen.Should().NotContain(seen => seen.Status.IsTerminal());

        var second = await StartAsync();
        await RunForAsync(second, TimeSpan.FromMinutes(1));

        Observer.Seen.Should().ContainSingle(seen => seen.Status == BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_cancel_that_was_saved_is_looked_at_although_its_process_died()
    {
        var (first, build) = await StartRunningAsync();
        CrashAt(first, new StageCall("store.update", IsDone: true));
        await first.Invoking(process => process.Orchestrator.CancelAsync(build.Id)).Should().ThrowAsync<CrashException>();

        var second = await StartAsync();
        await second.DrainAsync();

        Runner.Cancels.Should().ContainSingle("it is looked at now, and not when the next poll would have been");
    }

    [Fact]
    public async Task An_update_that_is_refused_publishes_nothing()
    {
        var (process, build) = await StartRunningAsync();
        var (_, store) = await OpenAsync();
        OutgoingMessage wake = new(BuildTopics.Change, new Message { PartitionKey = build.OwnerId, Id = $"{build.Id}/99" });

        var saved = await store.TryUpdateAsync(build with { Version = build.Version + 2 }, [wake], CancellationToken.None);

        saved.Should().BeFalse();
        (await process.StepAsync(BuildTopics.Change)).Count.Should().Be(0);
    }

    [Fact]
    public async Task A_creation_that_is_refused_publishes_nothing()
    {
        var (process, build) = await StartRunningAsync();
        var (_, store) = await OpenAsync();
        var other = Guid.CreateVersion7();
        OutgoingMessage trigger = new(TriggerTopic, new Message { PartitionKey = other.ToString(), Id = other.ToString() });

        var saved = await store.TryCreateAsync(build with { Id = other, Version = 1 }, [trigger], CancellationToken.None);

        saved.Should().BeFalse("the key is taken");
        (await process.StepAsync(TriggerTopic)).Count.Should().Be(0);
    }

    private static void CrashAt(StageProcess process, StageCall moment) => process.Hook.OnCallAsync = call =>
    {
        if (call == moment)
        {
            process.Crash();
        }

        return Task.CompletedTask;
    };

    private static void OnEnd(StageProcess process, Build build, Action act) => process.Hook.OnCallAsync = async call =>
    {
        if (call == new StageCall("store.update", IsDone: true) && (await GetAsync(process, build)).Status.IsTerminal())
        {
            act();
        }
    };

    private async Task RunUntilEndedAsync(StageProcess process, Build build)
    {
        var (_, store) = await OpenAsync();
        await process.RunUntilAsync(async () => (await store.ReadAsync(build.Id, CancellationToken.None)).Build!.Status.IsTerminal(), TimeSpan.FromMinutes(5));
    }
}
