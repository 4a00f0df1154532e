using BuildRunner.Queue;
using static BuildRunner.Orchestration.Tests.Invariants.TestGroup;

namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O18_GroupTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_group_of_builds_that_succeed_succeeds_and_is_told_once()
    {
        var process = await StartAsync(configure: Slow);
        Runner.EveryBuild(static _ => FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)));

        var group = await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));
        group.Status.Should().Be(BuildStatus.Running);
        await RunForAsync(process, Hour);

        var ended = await GetGroupAsync(process);
        ended.Status.Should().Be(BuildStatus.Succeeded);
        ended.Members.Should().AllSatisfy(static member => member.Outcome.Should().Be(BuildStatus.Succeeded));
        Observer.Groups.Should().ContainSingle().Which.Should().BeEquivalentTo(ended);
        Observer.Seen.Where(static seen => seen.Status.IsTerminal()).Select(static seen => seen.Key).Should().BeEquivalentTo("a", "b");
    }

    [Fact]
    public async Task A_member_that_fails_fails_the_group_after_the_others_have_run_to_their_ends()
    {
        var process = await StartAsync(configure: Slow);
        Script(Runner, a: FakeBuild.Fails(after: TimeSpan.FromMinutes(1)), b: FakeBuild.Succeeds(after: TimeSpan.FromMinutes(20)));
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await RunForAsync(process, TimeSpan.FromMinutes(10));
        (await GetGroupAsync(process)).Status.Should().Be(BuildStatus.Running);
        await RunForAsync(process, Hour);

        (await GetGroupAsync(process)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(process, BuildStatus.Failed, BuildStatus.Succeeded);
        Observer.Groups.Should().ContainSingle();
    }

    [Fact]
    public async Task A_group_that_fails_fast_cancels_the_others()
    {
        var process = await StartAsync(configure: Slow);
        Script(Runner, a: FakeBuild.Fails(after: TimeSpan.FromMinutes(1)), b: FakeBuild.RunsUntilCancelled());
        await process.Orchestrator.SubmitGroupAsync(Group(failFast: true, "a", "b"));

        await RunForAsync(process, TimeSpan.FromMinutes(5));

        (await GetGroupAsync(process)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(process, BuildStatus.Failed, BuildStatus.Cancelled);
        var cancelled = (await process.Orchestrator.FindAsync("b"))!;
        (cancelled.CancelCause, cancelled.CancelReason).Should().Be((BuildCancelCause.Group, "'a' has not succeeded."));
        Observer.Groups.Should().ContainSingle();
    }

    [Fact]
    public async Task A_member_that_is_rejected_is_a_failed_member()
    {
        var process = await StartAsync(configure: Slow);
        Runner.NextTrigger(FakeFailure.Permanent());
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await RunForAsync(process, Hour);

        (await GetGroupAsync(process)).Status.Should().Be(BuildStatus.Failed);
        (await GetGroupAsync(process)).Members.Select(static member => member.Outcome).Should().BeEquivalentTo<BuildStatus?>([BuildStatus.Failed, BuildStatus.Succeeded]);
    }

    [Fact]
    public async Task A_member_that_vanishes_is_a_failed_member()
    {
        var process = await StartAsync(configure: Slow);
        Script(Runner, a: FakeBuild.RunsUntilCancelled() with { VanishesAfter = TimeSpan.FromMinutes(1) }, b: FakeBuild.Succeeds());
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await RunForAsync(process, Hour);

        (await GetGroupAsync(process)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(process, BuildStatus.Failed, BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_member_that_hangs_is_a_failed_member_by_its_deadline()
    {
        var process = await StartAsync(configure: Slow);
        Script(Runner, a: FakeBuild.RunsUntilCancelled() with { IgnoresCancelFor = Timeout.InfiniteTimeSpan }, b: FakeBuild.Succeeds());
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await RunForAsync(process, 2 * Hour);

        (await GetGroupAsync(process)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(process, BuildStatus.Failed, BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_member_whose_runner_no_process_has_is_a_failed_member_by_its_deadline()
    {
        var process = await StartAsync((stage, hook) => stage.AddObserver(Observer).AddRunner(hook, Runner, configure: Slow).AddRemoteRunner("elsewhere"));
        var group = Group("a", "b");
        await process.Orchestrator.SubmitGroupAsync(new() { Key = Key, Required = [group.Required[0], group.Required[1] with { Runner = "elsewhere" }] });

        await RunForAsync(process, 2 * Hour);

        (await GetGroupAsync(process)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(process, BuildStatus.Succeeded, BuildStatus.Failed);
    }

    [Fact]
    public async Task A_member_that_is_cancelled_fails_the_group()
    {
        var process = await StartAsync(configure: Slow);
        Script(Runner, a: FakeBuild.RunsUntilCancelled(), b: FakeBuild.Succeeds());
        var group = await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));
        await process.DrainAsync();

        await process.Orchestrator.CancelAsync(group.Members[0].BuildId);
        await RunForAsync(process, Hour);

        (await GetGroupAsync(process)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(process, BuildStatus.Cancelled, BuildStatus.Succeeded);
    }

    [Fact]
    public async Task An_optional_member_does_not_count()
    {
        var process = await StartAsync(configure: Slow);
        Script(Runner, a: FakeBuild.Succeeds(), b: FakeBuild.Fails(after: TimeSpan.FromMinutes(1)));
        var both = Group("a", "b").Required;
        await process.Orchestrator.SubmitGroupAsync(new() { Key = Key, Required = [both[0]], Optional = [both[1]], FailFast = true });

        await RunForAsync(process, Hour);

        (await GetGroupAsync(process)).Status.Should().Be(BuildStatus.Succeeded);
        await OutcomesAsync(process, BuildStatus.Succeeded, BuildStatus.Failed);
        Observer.Groups.Should().ContainSingle().Which.Members[1].Outcome.Should().Be(BuildStatus.Failed, "the verdict comes with all outcomes");
    }

    [Fact]
    public async Task A_cancelled_group_cancels_its_members_and_says_why()
    {
        var process = await StartAsync(configure: Slow);
        Script(Runner, a: FakeBuild.RunsUntilCancelled(), b: FakeBuild.RunsUntilCancelled());
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));
        await process.DrainAsync();

        (await process.Orchestrator.CancelGroupAsync(Key, "anna: it is the wrong branch"))!.IsCancelled.Should().BeTrue();
        await RunForAsync(process, TimeSpan.FromMinutes(5));

        var ended = await GetGroupAsync(process);
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
        var process = await StartAsync(configure: Slow);
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));
        await RunForAsync(process, Hour);

        var answer = await process.Orchestrator.CancelGroupAsync(Key);
        await RunForAsync(process, Hour);

        answer!.IsCancelled.Should().BeFalse();
        (await GetGroupAsync(process)).Status.Should().Be(BuildStatus.Succeeded);
        Observer.Groups.Should().ContainSingle();
    }

    [Fact]
    public async Task A_group_is_submitted_whole_or_not_at_all()
    {
        var process = await StartAsync(configure: Slow);
        await process.Orchestrator.SubmitAsync(Submissions.Of("b"));

        var submit = () => process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await submit.Should().ThrowAsync<BuildKeyConflictException>();
        (await process.Orchestrator.FindAsync("a")).Should().BeNull();
        (await process.Orchestrator.GetGroupAsync(Key)).Should().BeNull();
    }

    [Fact]
    public async Task The_same_group_is_submitted_once_and_another_with_its_key_is_refused()
    {
        var process = await StartAsync(configure: Slow);
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
}
