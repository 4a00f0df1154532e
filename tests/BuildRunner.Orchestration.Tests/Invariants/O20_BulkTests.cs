namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O20_BulkTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    [Fact]
    public async Task A_thousand_builds_are_submitted_and_come_to_their_ends()
    {
        var process = await StartAsync();

        var results = await process.Orchestrator.SubmitAllAsync([.. Enumerable.Range(0, 1000).Select(static i => Submissions.Of($"{i}"))]);

        results.Select(static result => result.Build!.Key).Should().Equal(Enumerable.Range(0, 1000).Select(static i => $"{i}"));
        (await process.Orchestrator.FindAsync("999")).Should().Be(results[999].Build);
        (await process.Orchestrator.ListAsync(new BuildQuery { Limit = 1000 })).Builds.Should().HaveCount(1000);
    }

    [Fact]
    public async Task Each_is_followed_to_its_end()
    {
        var process = await StartAsync();

        await process.Orchestrator.SubmitAllAsync([.. Enumerable.Range(0, 30).Select(static i => Submissions.Of($"{i}"))]);
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        (await process.Orchestrator.ListAsync(new BuildQuery { Status = BuildStatus.Succeeded })).Builds.Should().HaveCount(30);
        Runner.CreatedBuilds.Should().Be(30);
    }

    [Fact]
    public async Task Each_has_its_own_outcome()
    {
        var process = await StartAsync();
        var known = await process.Orchestrator.SubmitAsync(Submissions.Of("known"));
        await process.Orchestrator.SubmitAsync(Submissions.Of("taken", timeout: TimeSpan.FromMinutes(1)));

        var results = await process.Orchestrator.SubmitAllAsync(
        [
            Submissions.Of("new"),
            Submissions.Of(""),
            Submissions.Of("known"),
            Submissions.Of("taken", timeout: TimeSpan.FromMinutes(2)),
            Submissions.Of("elsewhere", runner: "elsewhere"),
            Submissions.Of("new"),
            Submissions.Of("new", timeout: TimeSpan.FromMinutes(3)),
            Submissions.Of("replaces") with { Supersedes = new() { Key = "known" } },
            null!,
            Submissions.Of("last"),
        ]);

        results.Select(static result => result.Error?.GetType()).Should().Equal(
            null, typeof(ArgumentException), null, typeof(BuildKeyConflictException), typeof(ArgumentException), null, typeof(BuildKeyConflictException), typeof(ArgumentException), typeof(ArgumentNullException), null);
        results.Should().OnlyContain(static result => result.Build == null == (result.Error != null));
        results[2].Build.Should().Be(known);
        results[5].Build.Should().Be(results[0].Build);
        (await process.Orchestrator.ListAsync()).Builds.Select(static build => build.Key).Should().BeEquivalentTo("known", "taken", "new", "last");
    }

    [Fact]
    public async Task Of_many_that_submit_the_same_at_once_all_get_the_same_builds()
    {
        var processes = new[] { await StartAsync(), await StartAsync() };

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => processes[i % 2].Orchestrator.SubmitAllAsync([.. Enumerable.Range(i, 20).Select(static key => Submissions.Of($"{key}"))]))));

        all.SelectMany(static results => results).Select(static result => (result.Build!.Key, result.Build.Id)).Distinct().Should().HaveCount(27);
        (await processes[0].Orchestrator.ListAsync()).Builds.Should().HaveCount(27);
    }

    [Fact]
    public async Task A_submitter_that_dies_leaves_all_or_none()
    {
        foreach (var isDone in new[] { false, true })
        {
            var process = await StartAsync();
            process.Hook.OnCallAsync = call =>
            {
                if (call.Member == "store.create-all" && call.IsDone == isDone)
                {
                    process.Crash();
                }

                return Task.CompletedTask;
            };

            await process.Invoking(static it => it.Orchestrator.SubmitAllAsync([.. Enumerable.Range(0, 10).Select(static i => Submissions.Of($"{i}"))])).Should().ThrowAsync<CrashException>();

            var other = await StartAsync();
            await RunForAsync(other, TimeSpan.FromMinutes(1));
            (await other.Orchestrator.ListAsync(new BuildQuery { HasEnded = true })).Builds.Should().HaveCount(isDone ? 10 : 0);
        }
    }
}
