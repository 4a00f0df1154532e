namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O19_SupersedeTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    private static readonly BuildSelector Old = new() { Key = "old" };
    private static readonly BuildSelector Pull = new() { Tag = "pull/12" };

    [Fact]
    public async Task A_build_that_replaces_another_cancels_it_as_it_is_saved_and_says_so()
    {
        var process = await StartAsync();
        Runner.NextBuild(FakeBuild.RunsUntilCancelled());
        await process.Orchestrator.SubmitAsync(Submissions.Of("old"));
        await process.DrainAsync();

        await process.Orchestrator.SubmitAsync(Submissions.Of("new") with { Supersedes = Old });

        var old = await FindAsync(process, "old");
        (old.CancelCause, old.CancelReason).Should().Be((BuildCancelCause.Superseded, "Superseded by 'new'."));
        old.Note.Should().Contain("'new'");
        await RunForAsync(process, TimeSpan.FromMinutes(1));
        (await FindAsync(process, "old")).Status.Should().Be(BuildStatus.Cancelled);
        (await FindAsync(process, "new")).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task All_of_an_owner_with_a_tag_are_replaced_and_no_others()
    {
        var process = await StartAsync();
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var mine = await process.Orchestrator.SubmitAllAsync([.. Enumerable.Range(0, 20).Select(static i => Submissions.Of($"{i}") with { Tag = Pull.Tag })]);
        await process.Orchestrator.SubmitAsync(Submissions.Of("another tag") with { Tag = "pull/13" });
        await process.Orchestrator.SubmitAsync(Submissions.Of("another owner", "queue-2") with { Tag = Pull.Tag });
        await process.DrainAsync();

        await process.Orchestrator.SubmitAsync(Submissions.Of("new") with { Tag = Pull.Tag, Supersedes = Pull });
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        foreach (var result in mine)
        {
            (await GetAsync(process, result.Build!)).Status.Should().Be(BuildStatus.Cancelled);
        }

        foreach (var key in new[] { "another tag", "another owner", "new" })
        {
            (await FindAsync(process, key)).Should().Match<Build>(build => build.CancelCause == BuildCancelCause.None && build.Status == BuildStatus.Running);
        }
    }

    [Fact]
    public async Task One_that_was_not_triggered_yet_never_is()
    {
        var process = await StartAsync();
        await process.Orchestrator.SubmitAsync(Submissions.Of("old"));

        await process.Orchestrator.SubmitAsync(Submissions.Of("new") with { Supersedes = Old });
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        (await FindAsync(process, "old")).Status.Should().Be(BuildStatus.Cancelled);
        Runner.CreatedBuilds.Should().Be(1);
    }

    [Fact]
    public async Task The_same_submission_again_cancels_nothing()
    {
        var process = await StartAsync();
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        var submission = Submissions.Of("new") with { Tag = Pull.Tag, Supersedes = Pull };
        var build = await process.Orchestrator.SubmitAsync(submission);
        await process.Orchestrator.SubmitAsync(Submissions.Of("later") with { Tag = Pull.Tag });

        (await process.Orchestrator.SubmitAsync(submission)).Id.Should().Be(build.Id);

        (await FindAsync(process, "later")).CancelCause.Should().Be(BuildCancelCause.None);
        (await FindAsync(process, "new")).CancelCause.Should().Be(BuildCancelCause.None);
    }

    [Fact]
    public async Task One_that_has_ended_or_that_another_owner_has_is_left_alone()
    {
        var process = await StartAsync();
        Runner.EveryBuild(static _ => FakeBuild.Succeeds());
        await process.Orchestrator.SubmitAsync(Submissions.Of("old"));
        await RunForAsync(process, TimeSpan.FromMinutes(1));
        var theirs = await process.Orchestrator.SubmitAsync(Submissions.Of("theirs", "queue-2"));

        await process.Orchestrator.SubmitAsync(Submissions.Of("new") with { Supersedes = Old });
        await process.Orchestrator.SubmitAsync(Submissions.Of("newer") with { Supersedes = new() { Key = "theirs" } });
        await process.Orchestrator.SubmitAsync(Submissions.Of("newest") with { Supersedes = new() { Key = "nothing" } });

        (await FindAsync(process, "old")).Status.Should().Be(BuildStatus.Succeeded);
        (await GetAsync(process, theirs)).CancelCause.Should().Be(BuildCancelCause.None);
        (await process.Orchestrator.ListAsync()).Builds.Should().HaveCount(5);
    }

    [Fact]
    public async Task A_submitter_that_dies_leaves_both_or_neither()
    {
        foreach (var isDone in new[] { false, true })
        {
            var process = await StartAsync();
            var (old, next) = ($"old {isDone}", $"new {isDone}");
            await process.Orchestrator.SubmitAsync(Submissions.Of(old));
            process.Hook.OnCallAsync = call =>
            {
                if (call.Member == "store.commit" && call.IsDone == isDone)
                {
                    process.Crash();
                }

                return Task.CompletedTask;
            };

            await process.Invoking(it => it.Orchestrator.SubmitAsync(Submissions.Of(next) with { Supersedes = new() { Key = old } })).Should().ThrowAsync<CrashException>();

            var other = await StartAsync();
            (await FindAsync(other, old)).CancelCause.Should().Be(isDone ? BuildCancelCause.Superseded : BuildCancelCause.None);
            (await other.Orchestrator.FindAsync(next) is not null).Should().Be(isDone);
            await RunForAsync(other, TimeSpan.FromMinutes(1));
            (await FindAsync(other, old)).Status.Should().Be(isDone ? BuildStatus.Cancelled : BuildStatus.Succeeded);
        }
    }

    [Fact]
    public async Task A_build_that_ends_meanwhile_keeps_its_end()
    {
        var process = await StartAsync();
        await process.Orchestrator.SubmitAsync(Submissions.Of("old"));
        var second = await StartAsync();
        second.Hook.OnCallAsync = async call =>
        {
            if (call is { Member: "store.commit", IsDone: false })
            {
                second.Hook.OnCallAsync = static _ => Task.CompletedTask;
                await RunForAsync(process, TimeSpan.FromMinutes(1));
            }
        };

        await second.Orchestrator.SubmitAsync(Submissions.Of("new") with { Supersedes = Old });

        var old = await FindAsync(process, "old");
        (old.Status, old.CancelCause).Should().Be((BuildStatus.Succeeded, BuildCancelCause.None));
        (await process.Orchestrator.FindAsync("new")).Should().NotBeNull();
    }

    [Fact]
    public async Task Of_two_at_once_that_replace_a_tag_one_replaces_the_other()
    {
        var process = await StartAsync();
        var second = await StartAsync();
        var others = 0;
        second.Hook.OnCallAsync = async call =>
        {
            if (call is { Member: "store.create" or "store.commit", IsDone: false } && others++ == 0)
            {
                await process.Orchestrator.SubmitAsync(Submissions.Of("first") with { Tag = Pull.Tag, Supersedes = Pull });
            }
        };

        await second.Orchestrator.SubmitAsync(Submissions.Of("second") with { Tag = Pull.Tag, Supersedes = Pull });

        others.Should().BePositive();
        (await FindAsync(process, "first")).CancelCause.Should().Be(BuildCancelCause.Superseded);
        (await FindAsync(process, "second")).CancelCause.Should().Be(BuildCancelCause.None);
    }

    [Fact]
    public async Task A_build_that_is_replaced_never_changed_before_it_last_did()
    {
        var process = await StartAsync();
        Runner.EveryBuild(static _ => FakeBuild.RunsUntilCancelled());
        await process.Orchestrator.SubmitAsync(Submissions.Of("old") with { Tag = Pull.Tag });
        var second = await StartAsync();
        second.Hook.OnCallAsync = async call =>
        {
            if (call is { Member: "store.list", IsDone: false })
            {
                second.Hook.OnCallAsync = static _ => Task.CompletedTask;
                await Backend.AdvanceAsync(TimeSpan.FromSeconds(10));
                await process.DrainAsync();
                (await FindAsync(process, "old")).Status.Should().Be(BuildStatus.Running);
            }
        };

        await second.Orchestrator.SubmitAsync(Submissions.Of("new") with { Tag = Pull.Tag, Supersedes = Pull });

        var old = await FindAsync(process, "old");
        old.CancelCause.Should().Be(BuildCancelCause.Superseded);
        old.UpdatedAt.Should().BeOnOrAfter(old.StartedAt!.Value);
        (await process.Orchestrator.GetHistoryAsync(old.Id)).Select(static change => change.At).Should().BeInAscendingOrder();
    }

    private static async Task<Build> FindAsync(StageProcess process, string key) => (await process.Orchestrator.FindAsync(key))!;
}
