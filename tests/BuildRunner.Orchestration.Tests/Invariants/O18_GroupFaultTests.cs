using BuildRunner.Queue;
using static BuildRunner.Orchestration.Tests.Invariants.TestGroup;

namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O18_GroupFaultTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_process_that_dies_while_it_cancels_the_others_leaves_none_of_them()
    {
        var first = await StartAsync(configure: Slow);
        Script(Runner, a: FakeBuild.Fails(after: TimeSpan.FromMinutes(1)), b: FakeBuild.RunsUntilCancelled(), c: FakeBuild.RunsUntilCancelled());
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

        var second = await StartAsync(configure: Slow);
        await RunForAsync(second, Hour);

        (await GetGroupAsync(second)).Status.Should().Be(BuildStatus.Failed);
        await OutcomesAsync(second, BuildStatus.Failed, BuildStatus.Cancelled, BuildStatus.Cancelled);
        Observer.Groups.Should().ContainSingle();
    }

    [Fact]
    public async Task Of_two_processes_that_give_the_verdict_at_once_one_tells_the_owner()
    {
        var first = await StartAsync(configure: Slow);
        await first.Orchestrator.SubmitGroupAsync(Group("a", "b"));
        await first.RunUntilAsync(async () => (await first.Orchestrator.ListAsync(new BuildQuery { HasEnded = false })).Builds.Count == 0 && (await GetGroupAsync(first)).EndedAt is null, Hour);
        var second = await StartAsync(configure: Slow);
        first.Hook.OnCallAsync = async call =>
        {
            if (call is { Topic: BuildTopics.Group, Member: "store.commit", IsDone: false })
            {
                // Its lease lapses meanwhile.
                first.Hook.OnCallAsync = static _ => Task.CompletedTask;
                await Backend.AdvanceAsync(new ConsumerOptions().LeaseDuration + TimeSpan.FromSeconds(1));
                await RunForAsync(second, TimeSpan.FromMinutes(5));
                (await GetGroupAsync(second)).Status.Should().Be(BuildStatus.Succeeded);
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
        var process = await StartAsync(configure: Slow);
        var failures = 0;
        process.Hook.OnCallAsync = call => call is { Topic: BuildTopics.Group, Member: "store.documents", IsDone: false }
            ? throw new IOException($"The database is away for the time {++failures}.")
            : Task.CompletedTask;
        await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));

        await RunForAsync(process, 2 * Hour);

        failures.Should().BeGreaterThanOrEqualTo(StageProcess.MaxAttempts);
        (await GetGroupAsync(process)).Status.Should().Be(BuildStatus.Succeeded);
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

        var process = await StartAsync(configure: Slow);
        Script(Runner, a: FakeBuild.RunsUntilCancelled(), b: FakeBuild.Succeeds(after: TimeSpan.FromMinutes(5)));
        var group = await process.Orchestrator.SubmitGroupAsync(Group("a", "b"));
        await process.DrainAsync();

        await database.ExecuteAsync("UPDATE queue_builds SET request = 'none' WHERE build_key = 'a'");
        await RunForAsync(process, Hour);

        var ended = await GetGroupAsync(process);
        ended.Status.Should().Be(BuildStatus.Failed);
        ended.Members.Select(static member => (member.Outcome, member.Note is null)).Should().Equal((BuildStatus.Failed, false), (BuildStatus.Succeeded, true));
        Observer.Groups.Should().ContainSingle();
        (await process.Orchestrator.SubmitGroupAsync(Group("a", "b"))).Id.Should().Be(group.Id);
    }

    [Fact]
    public async Task Of_many_that_submit_one_group_at_once_all_get_the_same()
    {
        var processes = new[] { await StartAsync(configure: Slow), await StartAsync(configure: Slow) };

        var groups = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(() => processes[i % 2].Orchestrator.SubmitGroupAsync(Group("a", "b")))));

        groups.Select(static group => group.Id).Distinct().Should().ContainSingle();
        (await processes[0].Orchestrator.ListAsync()).Builds.Should().HaveCount(2);
    }
}
