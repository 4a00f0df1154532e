namespace BuildRunner.GitLab.Tests;

/// <summary>Lists that show what has changed: silence confirms everything else, for a minute.</summary>
public sealed class SweepTests
{
    [Fact]
    public async Task A_change_that_a_list_shows_is_reported_and_an_end_is_reported_from_the_pipeline_itself()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        var before = CountOfSingle(setup, pipeline);

        setup.Time.Advance(TimeSpan.FromSeconds(2));
        var silent = await setup.Runner.StatusAsync(buildId);
        pipeline.Set(setup.GitLab.Now, "pending");
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        var changed = await setup.Runner.StatusAsync(buildId);
        var singles = CountOfSingle(setup, pipeline) - before;
        pipeline.Set(setup.GitLab.Now, "success");
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        var ended = await setup.Runner.StatusAsync(buildId);

        (silent.Status, changed.Status, ended.Status).Should().Be((BuildStatus.Running, BuildStatus.Accepted, BuildStatus.Succeeded));
        (singles, CountOfSingle(setup, pipeline) - before).Should().Be((0, 1));
    }

    [Fact]
    public async Task A_change_that_no_list_shows_is_seen_within_a_minute()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        pipeline.UnlistedUntil = DateTimeOffset.MaxValue;
        pipeline.Set(setup.GitLab.Now, "success");

        setup.Time.Advance(TimeSpan.FromSeconds(59));
        var before = await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(1));
        var after = await setup.Runner.StatusAsync(buildId);

        (before.Status, after.Status).Should().Be((BuildStatus.Running, BuildStatus.Succeeded));
    }

    [Fact]
    public async Task Silence_is_guarded_by_one_single_read_of_a_build_in_a_minute()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        var before = CountOfSingle(setup, pipeline);

        for (var poll = 0; poll < 150; poll++)
        {
            setup.Time.Advance(TimeSpan.FromSeconds(2));
            (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        }

        (CountOfSingle(setup, pipeline) - before).Should().Be(3, "lists show what has changed in the first minute");
    }

    [Fact]
    public async Task Many_silent_builds_are_guarded_by_a_list_of_the_newest_and_seen_within_a_minute_too()
    {
        await using GitLabSetup setup = new();
        var pipelines = Enumerable.Range(0, 150).Select(_ => setup.GitLab.AddPipeline(variables: Variables)).ToList();
        pipelines.ForEach(pipeline => pipeline.Set(setup.GitLab.Now, "running"));
        foreach (var pipeline in pipelines)
        {
            await setup.Runner.StatusAsync(new BuildId($"{pipeline.Id}"));
        }

        await PollAsync(70);
        pipelines[0].HidesChanges = true;
        pipelines[0].Set(setup.GitLab.Now, "pending");
        var before = setup.GitLab.Requests.Count;

        var statuses = await PollAsync(61);

        statuses[0].Status.Should().Be(BuildStatus.Accepted);
        (setup.GitLab.Requests.Count - before).Should().BeInRange(60, 75, "150 single reads are two pages");

        async Task<List<BuildSnapshot>> PollAsync(int seconds)
        {
            List<BuildSnapshot> all = [];
            for (var second = 0; second < seconds; second++)
            {
                setup.Time.Advance(TimeSpan.FromSeconds(1));
                all = [.. await Task.WhenAll(pipelines.Select(one => setup.Runner.StatusAsync(new BuildId($"{one.Id}"))))];
            }

            return all;
        }
    }

    [Fact]
    public async Task More_changes_than_a_page_holds_are_all_read()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        pipeline.Set(setup.GitLab.Now, "pending");
        setup.Time.Advance(TimeSpan.FromSeconds(1));
        for (var other = 0; other < 250; other++)
        {
            setup.GitLab.AddPipeline();
        }

        setup.Time.Advance(TimeSpan.FromSeconds(1));

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Accepted);
    }

    [Fact]
    public async Task A_change_between_two_sweeps_is_read_also_if_the_clocks_differ_and_the_runner_was_idle()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.ClockAhead = TimeSpan.FromMinutes(-7);
        var (one, changed) = await setup.TriggerAsync();
        var (other, _) = await setup.TriggerAsync();
        await Task.WhenAll(setup.Runner.StatusAsync(one), setup.Runner.StatusAsync(other));
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        await Task.WhenAll(setup.Runner.StatusAsync(one), setup.Runner.StatusAsync(other));
        changed.Set(setup.GitLab.Now, "pending");
        for (var poll = 0; poll < 10; poll++)
        {
            setup.Time.Advance(TimeSpan.FromSeconds(2));
            await setup.Runner.StatusAsync(other);
        }

        (await setup.Runner.StatusAsync(one)).Status.Should().Be(BuildStatus.Accepted);
    }

    [Fact]
    public async Task A_change_that_lists_show_after_a_newer_one_is_not_missed()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        pipeline.Set(setup.GitLab.Now, "pending");
        pipeline.UnlistedUntil = setup.GitLab.Now + TimeSpan.FromSeconds(30);
        setup.Time.Advance(TimeSpan.FromSeconds(20));
        setup.GitLab.AddPipeline();
        var early = await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(20));

        var later = await setup.Runner.StatusAsync(buildId);

        (early.Status, later.Status).Should().Be((BuildStatus.Running, BuildStatus.Accepted));
    }

    [Fact]
    public async Task A_hastened_poll_reads_the_pipeline_itself()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        pipeline.UnlistedUntil = DateTimeOffset.MaxValue;
        pipeline.Set(setup.GitLab.Now, "success");
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        var polled = await setup.Runner.StatusAsync(buildId);
        var hastened = await setup.Reader.StatusAsync(buildId, TimeSpan.Zero);

        (polled.Status, hastened.Status).Should().Be((BuildStatus.Running, BuildStatus.Succeeded));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    public async Task While_lists_fail_builds_are_read_alone_once_a_minute(int status)
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.GitLab.Fail(static request => request.Path.EndsWith("/pipelines", StringComparison.Ordinal), FakeReply.Html(status), stays: true);
        pipeline.Set(setup.GitLab.Now, "success");
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        var early = await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromMinutes(1));
        var later = await setup.Runner.StatusAsync(buildId);

        (early.Status, later.Status).Should().Be((BuildStatus.Running, BuildStatus.Succeeded));
    }

    [Fact]
    public async Task Old_changes_are_not_read_for_ever_however_long_a_build_has_been_silent()
    {
        await using GitLabSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Time.Advance(TimeSpan.FromHours(1));
        for (var other = 0; other < 250; other++)
        {
            setup.GitLab.AddPipeline();
        }

        // They have ended.
        setup.Time.Advance(TimeSpan.FromSeconds(10));
        await setup.Runner.StatusAsync(buildId);
        var (first, second) = (await PollAsync(TimeSpan.FromSeconds(2)), await PollAsync(TimeSpan.FromMinutes(2)));
        var third = await PollAsync(TimeSpan.FromMinutes(2));

        (first, second, third).Should().Be((3, 3, 1), "the first one knows of GitLab's time only what the newest change tells");

        async Task<int> PollAsync(TimeSpan pause)
        {
            var before = setup.GitLab.Requests.Count;
            setup.Time.Advance(pause);
            (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
            return setup.GitLab.Requests.Skip(before).Count(static request => request.Query("updated_after") is not null);
        }
    }

    [Fact]
    public async Task A_row_that_is_older_than_what_is_known_is_no_news()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        var old = setup.GitLab.Now - TimeSpan.FromSeconds(9);
        await setup.Runner.StatusAsync(buildId);
        setup.GitLab.Answer(static request => request.Path.EndsWith("/pipelines", StringComparison.Ordinal), (_, own) =>
        {
            var row = GitLabAnswers.Short(setup.GitLab, pipeline);
            (row["status"], row["updated_at"]) = ("pending", old.AddSeconds(-1).ToString("O"));
            return FakeReply.Json(200, new System.Text.Json.Nodes.JsonArray(row));
        }, stays: true);
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
    }

    [Theory]
    [InlineData(1, 25)]
    [InlineData(3, 12)]
    public async Task A_thousand_pipelines_that_are_polled_by_chance_cost_few_requests(int freshness, int allowed)
    {
        const int Builds = 1000;
        const int FirstPolls = 3_000;
        const int Polls = 30_000;
        await using GitLabSetup setup = new(options => options.Freshness = TimeSpan.FromSeconds(freshness));
        Random random = new(4711);
        var pipelines = Enumerable.Range(0, Builds).Select(_ => setup.GitLab.AddPipeline(variables: Variables)).ToList();
        pipelines.ForEach(pipeline => pipeline.Set(pipeline.CreatedAt, "running"));
        setup.Time.Advance(TimeSpan.FromMinutes(2));
        PriorityQueue<FakePipeline, TimeSpan> due = new(pipelines.Select(one => (one, TimeSpan.FromSeconds(random.NextDouble() * 2.2))));
        var (start, before) = (setup.Time.GetTimestamp(), 0);

        // Long enough for the guard of a minute.
        for (var poll = 0; poll < FirstPolls + Polls && due.TryDequeue(out var pipeline, out var at); poll++)
        {
            // Nobody knows of a build before it is asked for, so each costs reads of its own once.
            before = poll == FirstPolls ? setup.GitLab.Requests.Count : before;
            var wait = at - setup.Time.GetElapsedTime(start);
            setup.Time.Advance(wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
            if (poll % 500 == 0)
            {
                pipelines[random.Next(Builds)].Set(setup.GitLab.Now, "running");
            }

            (await setup.Runner.StatusAsync(new BuildId($"{pipeline.Id}"))).Status.Should().Be(BuildStatus.Running);
            due.Enqueue(pipeline, at + (TimeSpan.FromSeconds(2) * (1 + (random.NextDouble() * 0.2))));
        }

        var cost = (setup.GitLab.Requests.Count - before) * 1000.0 / Polls;
        TestContext.Current.TestOutputHelper?.WriteLine($"requests_per_1000={cost:0.0}");
        cost.Should().BeInRange(0.5, allowed);
    }

    private static Dictionary<string, string> Variables => new() { ["BUILD_REQUEST"] = """{"head":[]}""" };

    private static int CountOfSingle(GitLabSetup setup, FakePipeline pipeline) => setup.CountOf("GET", $"/pipelines/{pipeline.Id}");
}
