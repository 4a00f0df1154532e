using BuildRunner.Queue;

namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O18_GroupTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private const string Key = "group-1";

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_group_of_builds_that_succeed_succeeds_and_is_told_once()
    {
        var process = await StartSlowAsync();
        Runner.EveryBuild(static _ => FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)));

        var group = await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));
        group.Status.Should().Be(BuildStatus.Running);
        await RunForAsync(process, Hour);

        var ended = await GetAsync(process);
        ended.Status.Should().Be(BuildStatus.Succeeded);
        ended.Members.Should().AllSatisfy(static member => member.Outcome.Should().Be(BuildStatus.Succeeded));
        Observer.Groups.Should().ContainSingle().Which.Should().BeEquivalentTo(ended);
        Observer.Seen.Where(static seen => seen.Status.IsTerminal()).Select(static seen => seen.Key).Should().BeEquivalentTo("a", "b");
    }

    [Fact]
    public async Task A_member_that_fails_fails_the_group_after_the_others_have_run_to_their_ends()
    {
        var process = await StartSlowAsync();
        Script(a: FakeBuild.Fails(after: TimeSpan.FromMinutes(1)), b: FakeBuild.Succeeds(after: TimeSpan.FromMinutes(20)));
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await RunForAsync(process, TimeSpan.FromMinutes(10));
        (await GetAsync(process)).Status.Should().Be(BuildStatus.Running);
        await RunForAsync(process, Hour);

        (await GetAsync(process)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(process, BuildStatus.Failed, BuildStatus.Succeeded);
        Observer.Groups.Should().ContainSingle();
    }

    [Fact]
    public async Task A_group_that_fails_fast_cancels_the_others()
    {
        var process = await StartSlowAsync();
        Script(a: FakeBuild.Fails(after: TimeSpan.FromMinutes(1)), b: FakeBuild.RunsUntilCancelled());
        await process.Orchestrator.SubmitGroupAsync(Group(failFast: true, "a", "b"));

        await RunForAsync(process, TimeSpan.FromMinutes(5));

        (await GetAsync(process)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(process, BuildStatus.Failed, BuildStatus.Cancelled);
        var cancelled = (await process.Orchestrator.FindAsync("b"))!;
        (cancelled.CancelCause, cancelled.CancelReason).Should().Be((BuildCancelCause.Group, "'a' has not succeeded."));
        Observer.Groups.Should().ContainSingle();
    }

    [Fact]
    public async Task A_member_that_is_rejected_is_a_failed_member()
    {
        var process = await StartSlowAsync();
        Runner.NextTrigger(FakeFailure.Permanent());
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await RunForAsync(process, Hour);

        (await GetAsync(process)).Status.Should().Be(BuildStatus.Failed);
        (await GetAsync(process)).Members.Select(static member => member.Outcome).Should().BeEquivalentTo<BuildStatus?>([BuildStatus.Failed, BuildStatus.Succeeded]);
    }

    [Fact]
    public async Task A_member_that_vanishes_is_a_failed_member()
    {
        var process = await StartSlowAsync();
        Script(a: FakeBuild.RunsUntilCancelled() with { VanishesAfter = TimeSpan.FromMinutes(1) }, b: FakeBuild.Succeeds());
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await RunForAsync(process, Hour);

        (await GetAsync(process)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(process, BuildStatus.Failed, BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_member_that_hangs_is_a_failed_member_by_its_deadline()
    {
        var process = await StartSlowAsync();
        Script(a: FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = Timeout.InfiniteTimeSpan }, b: FakeBuild.Succeeds());
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await RunForAsync(process, 2 * Hour);

        (await GetAsync(process)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(process, BuildStatus.Failed, BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_member_whose_runner_no_process_has_is_a_failed_member_by_its_deadline()
    {
        var process = await StartAsync((stage, hook) => stage.AddObserver(Observer).AddRunner(hook, Runner, configure: Slow).AddRemoteRunner("elsewhere"));
        var group = Group("a", "b");
        await process.Orchestrator.SubmitGroupAsync(new() { Key = Key, Required = [group.Required[0], group.Required[1] with { Runner = "elsewhere" }] });

        await RunForAsync(process, 2 * Hour);

        (await GetAsync(process)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(process, BuildStatus.Succeeded, BuildStatus.Failed);
    }

    [Fact]
    public async Task A_member_that_is_cancelled_fails_the_group()
    {
        var process = await StartSlowAsync();
        Script(a: FakeBuild.RunsUntilCancelled(), b: FakeBuild.Succeeds());
        var group = await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));
        await process.DrainAsync();

        await process.Orchestrator.CancelAsync(group.Members[0].BuildId);
        await RunForAsync(process, Hour);

        (await GetAsync(process)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(process, BuildStatus.Cancelled, BuildStatus.Succeeded);
    }

    [Fact]
    public async Task An_optional_member_does_not_count()
    {
        var process = await StartSlowAsync();
        Script(a: FakeBuild.Succeeds(), b: FakeBuild.Fails(after: TimeSpan.FromMinutes(1)));
        var both = Group("a", "b").Required;
        await process.Orchestrator.SubmitGroupAsync(new() { Key = Key, Required = [both[0]], Optional = [both[1]], FailFast = true });

        await RunForAsync(process, Hour);

        (await GetAsync(process)).Status.Should().Be(BuildStatus.Succeeded);
        await OutcomesAsync(process, BuildStatus.Succeeded, BuildStatus.Failed);
        Observer.Groups.Should().ContainSingle().Which.Members[1].Outcome.Should().Be(BuildStatus.Failed, "the verdict comes with all outcomes");
    }

    [Fact]
    public async Task A_cancelled_group_cancels_its_members_and_says_why()
    {
        var process = await StartSlowAsync();
        Script(a: FakeBuild.RunsUntilCancelled(), b: FakeBuild.RunsUntilCancelled());
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));
        await process.DrainAsync();

        (await process.Orchestrator.CancelGroupAsync(Key, "anna: it is the wrong branch"))!.IsCancelled.Should().BeTrue();
        await RunForAsync(process, TimeSpan.FromMinutes(5));

        var ended = await GetAsync(process);
        (ended.Status, ended.CancelReason).Should().Be((BuildStatus.Cancelled, "anna: it is the wrong branch"));
        foreach (var member in ended.Members)
        {
            var build = (await process.Orchestrator.GetAsync(member.BuildId))!;
            (build.CancelCause, build.CancelReason).Should().Be((BuildCancelCause.Group, "anna: it is the wrong branch"));
        }

        Observer.Groups.Should().ContainSingle().Which.Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_group_that_has_ended_is_not_cancelled_any_more()
    {
        var process = await StartSlowAsync();
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));
        await RunForAsync(process, Hour);

        var answer = await process.Orchestrator.CancelGroupAsync(Key);
        await RunForAsync(process, Hour);

        answer!.IsCancelled.Should().BeFalse();
        (await GetAsync(process)).Status.Should().Be(BuildStatus.Succeeded);
        Observer.Groups.Should().ContainSingle();
    }

    [Fact]
    public async Task A_process_that_dies_while_it_cancels_the_others_leaves_none_of_them()
    {
        var first = await StartSlowAsync();
        Script(a: FakeBuild.Fails(after: TimeSpan.FromMinutes(1)), b: FakeBuild.RunsUntilCancelled(), c: FakeBuild.RunsUntilCancelled());
        await first.Orchestrator.SubmitGroupAsync(Group(failFast: true, "a", "b", "c"));
        first.Hook.OnCallAsync = call =>
        {
            if (call is { Topic: BuildTopics.Group, Member: "store.update", IsDone: true })
            {
                first.Crash();
            }

            return Task.CompletedTask;
        };
        await first.RunUntilAsync(() => Task.FromResult(first.IsOver), Hour);
        first.IsOver.Should().BeTrue("one of the two was cancelled by then");

        var second = await StartSlowAsync();
        await RunForAsync(second, Hour);

        (await GetAsync(second)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(second, BuildStatus.Failed, BuildStatus.Cancelled, BuildStatus.Cancelled);
        Observer.Groups.Should().ContainSingle();
    }

    [Fact]
    public async Task Of_two_processes_that_give_the_verdict_at_once_one_tells_the_owner()
    {
        var first = await StartSlowAsync();
        await first.Orchestrator.SubmitGroupAsync(Group("a", "b"));
        await first.RunUntilAsync(async () => (await first.Orchestrator.ListAsync(new BuildQuery { HasEnded = false })).Builds.Count == 0 && (await GetAsync(first)).EndedAt is null, Hour);
        var second = await StartSlowAsync();
        first.Hook.OnCallAsync = async call =>
        {
            if (call is { Topic: BuildTopics.Group, Member: "store.commit", IsDone: false })
            {
                // Its lease lapses meanwhile.
                first.Hook.OnCallAsync = static _ => Task.CompletedTask;
                await Backend.AdvanceAsync(new ConsumerOptions().LeaseDuration + TimeSpan.FromSeconds(1));
                await RunForAsync(second, TimeSpan.FromMinutes(5));
                (await GetAsync(second)).Status.Should().Be(BuildStatus.Succeeded);
            }
        };

        await RunForAsync(first, Hour);

        Observer.Groups.Should().ContainSingle();
    }

    [Fact]
    public async Task An_observer_that_fails_is_told_of_the_verdict_again()
    {
        var process = await StartAsync((stage, hook) => stage.AddRunner(hook, Runner, configure: Slow).AddObserver(hook, Observer));
        var failures = 2;
        process.Hook.OnCallAsync = call => call is { Member: "observer.group-ended", IsDone: false } && failures-- > 0 ? throw new IOException("The owner is away.") : Task.CompletedTask;
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await RunForAsync(process, Hour);

        failures.Should().BeLessThan(0);
        Observer.Groups.Should().ContainSingle();
    }

    [Fact]
    public async Task A_group_whose_message_becomes_a_dead_letter_has_its_verdict()
    {
        var process = await StartSlowAsync();
        var failures = 0;
        process.Hook.OnCallAsync = call => call is { Topic: BuildTopics.Group, Member: "store.documents", IsDone: false }
            ? throw new IOException($"The database is away for the time {++failures}.")
            : Task.CompletedTask;
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await RunForAsync(process, 2 * Hour);

        failures.Should().BeGreaterThanOrEqualTo(StageProcess.MaxAttempts);
        (await GetAsync(process)).Status.Should().Be(BuildStatus.Succeeded);
        Observer.Groups.Should().ContainSingle();
    }

    [Fact]
    public async Task A_member_that_cannot_be_read_is_a_failed_member()
    {
        // Nobody can change memory by hand.
        if (Backend is not SqlBackend database)
        {
            return;
        }

        var process = await StartSlowAsync();
        Script(a: FakeBuild.RunsUntilCancelled(), b: FakeBuild.Succeeds(after: TimeSpan.FromMinutes(5)));
        var group = await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));
        await process.DrainAsync();

        await database.ExecuteAsync("UPDATE queue_builds SET request = 'none' WHERE build_key = 'a'");
        await RunForAsync(process, Hour);

        var ended = await GetAsync(process);
        ended.Status.Should().Be(BuildStatus.Failed);
        ended.Members.Select(static member => (member.Outcome, member.Note is null)).Should().Equal((BuildStatus.Failed, false), (BuildStatus.Succeeded, true));
        Observer.Groups.Should().ContainSingle();
        (await process.Orchestrator.SubmitGroupAsync(Group("a", "b"))).Id.Should().Be(group.Id);
    }

    [Fact]
    public async Task A_group_is_submitted_whole_or_not_at_all()
    {
        var process = await StartSlowAsync();
        await process.Orchestrator.SubmitAsync(Submissions.Of("b"));

        var submit = () => process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await submit.Should().ThrowAsync<BuildKeyConflictException>();
        (await process.Orchestrator.FindAsync("a")).Should().BeNull();
        (await process.Orchestrator.GetGroupAsync(Key)).Should().BeNull();
    }

    [Fact]
    public async Task The_same_group_is_submitted_once_and_another_with_its_key_is_refused()
    {
        var process = await StartSlowAsync();
        var group = await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        (await process.Orchestrator.SubmitGroupAsync(Group("a", "b"))).Id.Should().Be(group.Id);

        BuildGroupSubmission[] others = [Group("a"), Group("b", "a"), Group(failFast: true, "a", "b"), new() { Key = Key, Required = [Member("a"), Member("b") with { Timeout = TimeSpan.FromHours(3) }] }];
        foreach (var other in others)
        {
            var submit = () => process.Orchestrator.SubmitGroupAsync(other);
            await submit.Should().ThrowAsync<BuildKeyConflictException>();
        }

        (await process.Orchestrator.ListAsync()).Builds.Should().HaveCount(2);
    }

    [Fact]
    public async Task Of_many_that_submit_one_group_at_once_all_get_the_same()
    {
        var processes = new[] { await StartSlowAsync(), await StartSlowAsync() };

        var groups = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => processes[i % 2].Orchestrator.SubmitGroupAsync(Group("a", "b")))));

        groups.Select(static group => group.Id).Distinct().Should().ContainSingle();
        (await processes[0].Orchestrator.ListAsync()).Builds.Should().HaveCount(2);
    }

    private static BuildGroupSubmission Group(params string[] keys) => Group(failFast: false, keys);

    private static BuildGroupSubmission Group(bool failFast, params string[] keys) => new() { Key = Key, FailFast = failFast, Required = [.. keys.Select(Member)] };

    private static BuildSubmission Member(string key)
    {
        var submission = Submissions.Of(key, timeout: TimeSpan.FromMinutes(40));
        return submission with { Request = submission.Request with { Metadata = [new("member", key)] } };
    }

    // Few polls, because there is much time.
    private Task<StageProcess> StartSlowAsync() => StartAsync(configure: Slow);

    private static void Slow(BuildRunnerOptions options) => options.AcceptedPollDelay = options.RunningPollDelay = TimeSpan.FromMinutes(1);

    // Which is triggered first is not known.
    private void Script(FakeBuild a, FakeBuild b, FakeBuild? c = null) =>
        Runner.EveryBuild(request => request.Metadata["member"] switch { "a" => a, "b" => b, _ => c! });

    private static async Task<BuildGroup> GetAsync(StageProcess process) => (await process.Orchestrator.GetGroupAsync(Key))!;

    private static async Task OutcomesAsync(StageProcess process, params BuildStatus[] outcomes) =>
        (await GetAsync(process)).Members.Select(static member => member.Outcome!.Value).Should().Equal(outcomes);
}
