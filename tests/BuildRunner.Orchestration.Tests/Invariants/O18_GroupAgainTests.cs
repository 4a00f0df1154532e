namespace BuildRunner.Orchestration.Tests.Invariants;

/// <summary>Groups that are submitted again, and groups that are refused.</summary>
public abstract class O18_GroupAgainTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private const string Key = "group-1";
    private const string Other = "other";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Retention = new BuildOrchestrationOptions().Retention;

    [Fact]
    public async Task A_group_that_is_submitted_again_is_the_same_until_its_last_build_is_deleted_and_then_a_new_one()
    {
        var process = await StartBothAsync();

        // The first one fails the group in the first minute, and the second one ends some twenty minutes after that.
        Script(FakeBuild.Fails(), FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = 20 * Minute });
        var group = await process.Orchestrator.SubmitGroupAsync(Group(failFast: true));
        await RunForAsync(process, 60 * Minute);
        (await process.Orchestrator.ListAsync(new BuildQuery { HasEnded = false })).Builds.Should().BeEmpty();

        // An hour has passed since.
        await AgeAsync(process, Retention - (61 * Minute));
        (await process.Orchestrator.SubmitGroupAsync(Group(failFast: true))).Id.Should().Be(group.Id, "nothing is deleted yet");
        await AgeAsync(process, 10 * Minute);
        (await process.Orchestrator.FindAsync("a")).Should().BeNull();
        (await process.Orchestrator.SubmitGroupAsync(Group(failFast: true))).Id.Should().Be(group.Id, "its last build is still there");
        await AgeAsync(process, 60 * Minute);
        (await process.Orchestrator.FindAsync("b")).Should().BeNull();
        var next = await process.Orchestrator.SubmitGroupAsync(Group(failFast: true));

        next.Id.Should().NotBe(group.Id);
        next.Status.Should().Be(BuildStatus.Running);
        (await process.Orchestrator.SubmitGroupAsync(Group(failFast: true))).Id.Should().Be(next.Id);
        await RunForAsync(process, 60 * Minute);
        Observer.Groups.Select(static told => told.Id).Should().Equal(group.Id, next.Id);
    }

    [Fact]
    public async Task A_group_of_which_only_builds_are_left_keeps_its_key_until_they_are_deleted()
    {
        var process = await StartBothAsync();
        BuildGroupSubmission group = new() { Key = Key, Required = [Member("b"), Member("a")] };
        await process.Orchestrator.SubmitGroupAsync(group);
        await RunForAsync(process, 30 * Minute);
        var left = (await process.Orchestrator.FindAsync("b"))!;

        // As after the retention was made longer.
        await Backend.AdvanceAsync(Retention + (61 * Minute));
        var (_, store) = await OpenAsync();
        await store.DeleteExpiredDocumentsAsync(100, CancellationToken.None);
        var conflict = await process.Invoking(it => it.Orchestrator.SubmitGroupAsync(group)).Should().ThrowAsync<BuildKeyConflictException>();

        conflict.Which.Id.Should().Be(left.Id, "it is the first of the group");
        conflict.Which.Message.Should().Contain(Key).And.Contain($"{left.Id}").And.Contain("retention");
        await AgeAsync(process, TimeSpan.Zero);
        (await process.Orchestrator.SubmitGroupAsync(group)).Status.Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task A_group_is_kept_longer_than_its_builds_and_not_for_ever()
    {
        var process = await StartBothAsync();
        await process.Orchestrator.SubmitGroupAsync(Group());
        await RunForAsync(process, 30 * Minute);

        await AgeAsync(process, Retention);
        (await process.Orchestrator.ListAsync()).Builds.Should().BeEmpty();
        (await process.Orchestrator.GetGroupAsync(Key)).Should().NotBeNull();
        await AgeAsync(process, 60 * Minute);

        (await process.Orchestrator.GetGroupAsync(Key)).Should().BeNull();
    }

    [Fact]
    public async Task A_group_ends_when_its_last_member_has_and_not_before()
    {
        var process = await StartBothAsync();
        var second = await StartBothAsync();
        Script(FakeBuild.Succeeds(), FakeBuild.RunsUntilCancelled());
        var group = await process.Orchestrator.SubmitGroupAsync(Group());
        await RunForAsync(process, 5 * Minute);
        process.Hook.OnCallAsync = async call =>
        {
            if (call is { Topic: BuildTopics.Group, Member: "store.read-all", IsDone: false })
            {
                process.Hook.OnCallAsync = static _ => Task.CompletedTask;
                await Backend.AdvanceAsync(TimeSpan.FromSeconds(10));
                await second.Orchestrator.CancelAsync(group.Members[1].BuildId);
                await RunForAsync(second, TimeSpan.FromSeconds(1));
                (await GetAsync(second, "b")).Status.Should().Be(BuildStatus.Cancelled);
            }
        };

        // It says nothing new, so that the group is looked at.
        var (engine, _) = await OpenAsync();
        await engine.PublishAsync([default(BuildMessages).GroupOf(Key)], CancellationToken.None);
        await process.StepAsync(BuildTopics.Group);

        var ended = (await process.Orchestrator.GetGroupAsync(Key))!;
        ended.Status.Should().Be(BuildStatus.Failed);
        ended.EndedAt.Should().BeOnOrAfter((await GetAsync(process, "b")).EndedAt!.Value);
    }

    [Fact]
    public async Task A_group_with_a_member_whose_runner_refuses_builds_is_refused_as_a_whole()
    {
        var process = await StartBothAsync();
        await process.Orchestrator.PauseRunnerAsync(Other, new() { Refuses = true, By = "jane", Reason = "Full" });

        var refused = await process.Invoking(it => it.Orchestrator.SubmitGroupAsync(Group(other: Other))).Should().ThrowAsync<RunnerRefusesException>();

        (refused.Which.Runner, refused.Which.Pause!.By).Should().Be((Other, "jane"));
        (await process.Orchestrator.ListAsync()).Builds.Should().BeEmpty();
        (await process.Orchestrator.GetGroupAsync(Key)).Should().BeNull();
        await process.DrainAsync();
        Runner.Triggers.Should().BeEmpty();
        await process.Orchestrator.ResumeRunnerAsync(Other, "jane");
        (await process.Orchestrator.SubmitGroupAsync(Group(other: Other))).Members.Should().HaveCount(2);
    }

    [Fact]
    public async Task A_group_that_was_submitted_before_its_runner_refused_builds_is_the_same()
    {
        var process = await StartBothAsync();
        var group = await process.Orchestrator.SubmitGroupAsync(Group(other: Other));
        await process.Orchestrator.PauseRunnerAsync(Other, new() { Refuses = true, By = "jane" });

        (await process.Orchestrator.SubmitGroupAsync(Group(other: Other))).Id.Should().Be(group.Id);
    }

    [Fact]
    public async Task Of_many_builds_those_of_a_runner_that_refuses_are_refused_and_the_others_are_submitted()
    {
        var process = await StartBothAsync();
        var known = await process.Orchestrator.SubmitAsync(Submissions.Of("known", runner: Other));
        await process.Orchestrator.PauseRunnerAsync(Other, new() { Refuses = true, By = "jane", Reason = "Full" });

        var results = await process.Orchestrator.SubmitAllAsync([Submissions.Of("a"), Submissions.Of("b", runner: Other), Submissions.Of("known", runner: Other), Submissions.Of("c"), Submissions.Of("b", runner: Other)]);

        results.Select(static result => result.Build?.Key).Should().Equal("a", null, "known", "c", null);
        results[2].Build!.Id.Should().Be(known.Id);
        foreach (var refused in new[] { results[1], results[4] })
        {
            refused.Error.Should().BeOfType<RunnerRefusesException>().Which.Pause!.Reason.Should().Be("Full");
        }

        await process.Orchestrator.ResumeRunnerAsync(Other, "jane");
        (await process.Orchestrator.SubmitAllAsync([Submissions.Of("b", runner: Other)]))[0].Build.Should().NotBeNull();
    }

    private static BuildGroupSubmission Group(bool failFast = false, string other = StageBuilderExtensions.Ci) => new() { Key = Key, FailFast = failFast, Required = [Member("a"), Member("b", other)] };

    private static BuildSubmission Member(string key, string runner = StageBuilderExtensions.Ci)
    {
        var submission = Submissions.Of(key, runner: runner, timeout: 40 * Minute);
        return submission with { Request = submission.Request with { Metadata = [new("member", key)] } };
    }

    private static async Task<Build> GetAsync(StageProcess process, string key) => (await process.Orchestrator.FindAsync(key))!;

    private Task<StageProcess> StartBothAsync() => StartAsync((stage, hook) => stage.AddObserver(Observer).AddRunner(hook, Runner, configure: Slow).AddRunner(hook, Runner, name: Other, configure: Slow));

    // Few polls, because there is much time.
    private static void Slow(BuildRunnerOptions options) => options.AcceptedPollDelay = options.RunningPollDelay = Minute;

    private void Script(FakeBuild a, FakeBuild b) => Runner.EveryBuild(request => request.Metadata["member"] == "a" ? a : b);

    // As the hosted service does.
    private async Task AgeAsync(StageProcess process, TimeSpan time)
    {
        await Backend.AdvanceAsync(time);
        await process.DrainAsync();
        var (_, store) = await OpenAsync();
        await store.DeleteEndedAsync(Retention, 100, CancellationToken.None);
        await store.DeleteExpiredDocumentsAsync(100, CancellationToken.None);
    }
}
