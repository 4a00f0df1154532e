using static BuildRunner.Orchestration.BuildEventKind;

namespace BuildRunner.Orchestration.Tests.Invariants;

public abstract class O21_HistoryTests<TBackend> : InvariantSuite<TBackend>
    where TBackend : StageBackend, new()
{
    [Fact]
    public async Task A_history_says_what_happened_and_when()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.WaitsFor(TimeSpan.Zero, FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1))));
        await RunForAsync(process, TimeSpan.FromMinutes(2));

        var history = await process.Orchestrator.GetHistoryAsync(build.Id);

        var ended = await GetAsync(process, build);
        history.Select(static it => it.Kind).Should().Equal(Submitted, Triggered, Accepted, Running, Ended);
        history.Select(static it => it.Status).Should().Equal(BuildStatus.Accepted, BuildStatus.Accepted, BuildStatus.Accepted, BuildStatus.Running, BuildStatus.Succeeded);
        history.Select(static it => it.At).Should().BeInAscendingOrder().And.StartWith(ended.CreatedAt).And.EndWith(ended.EndedAt!.Value);
        history[2].RemoteId.Should().Be(ended.RemoteId!.Value.Value);
        history.Should().OnlyContain(static it => it.Attempt == 1);
    }

    [Fact]
    public async Task A_history_says_who_cancelled_and_why()
    {
        var (process, build) = await StartRunningAsync();

        var cancelled = await process.Orchestrator.CancelAsync(build.Id, "anna: \"it\" is the\n wrong branch \ud83d\ude00\0\ud800");
        await RunForAsync(process, TimeSpan.FromMinutes(1));

        var history = await process.Orchestrator.GetHistoryAsync(build.Id);
        history.Select(static it => it.Kind).Should().EndWith([Cancelling, Ended]);
        history[^2].Should().Match<BuildEvent>(static it => it.CancelCause == BuildCancelCause.Caller && it.Note!.StartsWith("anna: \"it\" is the\n wrong branch \ud83d\ude00"));
        (await GetAsync(process, build)).CancelReason.Should().Be(cancelled!.CancelReason);
    }

    [Fact]
    public async Task A_history_says_why_a_build_failed()
    {
        var process = await StartAsync();
        Runner.NextTrigger(FakeFailure.Permanent());
        var build = await process.Orchestrator.SubmitAsync(Submissions.Of());
        await process.DrainAsync();

        var history = await process.Orchestrator.GetHistoryAsync(build.Id);

        history[^1].Should().Match<BuildEvent>(static it => it.Kind == Ended && it.Status == BuildStatus.Failed && it.Note!.StartsWith("The runner rejected the build"));
    }

    [Fact]
    public async Task A_poll_that_finds_nothing_new_adds_nothing()
    {
        var (process, build) = await StartRunningAsync();
        var before = await process.Orchestrator.GetHistoryAsync(build.Id);

        await RunForAsync(process, TimeSpan.FromMinutes(5));

        (await process.Orchestrator.GetHistoryAsync(build.Id)).Should().Equal(before);
    }

    [Fact]
    public async Task A_build_that_changes_all_the_time_has_a_history_of_limited_length_with_its_end()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)));
        var (_, store) = await OpenAsync();
        var line = (await store.ReadHistoryAsync(build.Id, CancellationToken.None))!.Split('\n')[^2] + "\n";
        for (var versions = 0; versions < 20; versions++)
        {
            build = await GetAsync(process, build);
            (await store.TryUpdateAsync(build with { Version = build.Version + 1, NewHistory = string.Concat(Enumerable.Repeat(line, 30)) }, [], CancellationToken.None)).Should().BeTrue();
        }

        await RunForAsync(process, TimeSpan.FromMinutes(2));

        (await store.ReadHistoryAsync(build.Id, CancellationToken.None))!.Length.Should().BeInRange(16 * 1024, 20 * 1024);
        var history = await process.Orchestrator.GetHistoryAsync(build.Id);
        history[^1].Should().Match<BuildEvent>(static it => it.Kind == Ended && it.Status == BuildStatus.Succeeded);
        history.Should().HaveCountLessThan(600, "there were more lines than it may have");
    }

    [Fact]
    public async Task A_build_that_was_tried_again_and_again_has_its_end_in_its_history()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)));
        var (_, store) = await OpenAsync();
        for (var attempt = 0; attempt < 100; attempt++)
        {
            build = await GetAsync(process, build);
            var lines = HistoryLine.Of(build, build with { Attempt = build.Attempt + 1, LastingNote = new string('x', 400) + attempt }, build.UpdatedAt);
            (await store.TryUpdateAsync(build with { Version = build.Version + 1, NewHistory = lines }, [], CancellationToken.None)).Should().BeTrue();
        }

        await RunForAsync(process, TimeSpan.FromMinutes(2));

        var history = await process.Orchestrator.GetHistoryAsync(build.Id);
        history.Count(static it => it.Kind == AttemptEnded).Should().BeInRange(10, 99, "they are limited");
        history[^1].Should().Match<BuildEvent>(static it => it.Kind == Ended && it.Status == BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_history_is_gone_with_its_build()
    {
        var (process, build) = await StartRunningAsync(FakeBuild.Succeeds(after: TimeSpan.FromMinutes(1)));
        await RunForAsync(process, TimeSpan.FromMinutes(2));
        var (_, store) = await OpenAsync();

        await store.DeleteEndedAsync(TimeSpan.Zero, 10, CancellationToken.None);

        (await process.Orchestrator.GetHistoryAsync(build.Id)).Should().BeEmpty();
        (await process.Orchestrator.GetHistoryAsync(Guid.CreateVersion7())).Should().BeEmpty();
    }

    [Fact]
    public async Task Builds_are_listed_by_tag_key_and_time()
    {
        var process = await StartAsync();
        var start = Backend.Time.GetUtcNow();
        foreach (var (key, tag) in new[] { ("shop/1", "a"), ("shop/2", "b"), ("shop/3", "a"), ("web/1", "a"), ("shop", null) })
        {
            await process.Orchestrator.SubmitAsync(Submissions.Of(key) with { Tag = tag });
            await Backend.AdvanceAsync(TimeSpan.FromMinutes(1));
        }

        await KeysAsync(new() { Tag = "a" }, "web/1", "shop/3", "shop/1");
        await KeysAsync(new() { Tag = "a", KeyPrefix = "shop/", Order = BuildOrder.OldestFirst }, "shop/1", "shop/3");
        await KeysAsync(new() { KeyPrefix = "shop" }, "shop", "shop/3", "shop/2", "shop/1");
        await KeysAsync(new() { SubmittedFrom = start + TimeSpan.FromMinutes(1), SubmittedBefore = start + TimeSpan.FromMinutes(3) }, "shop/3", "shop/2");

        async Task KeysAsync(BuildQuery query, params string[] keys) => (await process.Orchestrator.ListAsync(query)).Builds.Select(static build => build.Key).Should().Equal(keys);
    }
}
