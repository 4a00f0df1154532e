using System.Text.Json.Nodes;

namespace BuildRunner.Buildkite.Tests;

/// <summary>One list answers for all builds that have not ended.</summary>
public sealed class BatchTests
{
    [Theory]
    [InlineData(1, 25)]
    [InlineData(3, 12)]
    public async Task A_thousand_builds_that_are_polled_by_chance_cost_few_requests(int freshness, int allowed)
    {
        const int Builds = 1000;
        const int FirstPolls = 1_500;
        const int Polls = 10_000;
        await using BuildkiteSetup setup = new(options => options.Freshness = TimeSpan.FromSeconds(freshness));
        Random random = new(4711);
        var builds = Enumerable.Range(0, Builds).Select(_ => AddBuild(setup)).ToList();
        PriorityQueue<FakeBuild, TimeSpan> due = new(builds.Select(build => (build, TimeSpan.FromSeconds(random.NextDouble() * 2.2))));
        var (start, before) = (setup.Time.GetTimestamp(), 0);

        for (var poll = 0; poll < FirstPolls + Polls && due.TryDequeue(out var build, out var at); poll++)
        {
            before = poll == FirstPolls ? setup.Buildkite.Requests.Count : before;
            var wait = at - setup.Time.GetElapsedTime(start);
            setup.Time.Advance(wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
            (await setup.Runner.StatusAsync(new BuildId($"verify/{build.Number}"))).Status.Should().Be(BuildStatus.Running);
            due.Enqueue(build, at + (TimeSpan.FromSeconds(2) * (1 + (random.NextDouble() * 0.2))));
        }

        var cost = (setup.Buildkite.Requests.Count - before) * 1000.0 / Polls;
        TestContext.Current.TestOutputHelper?.WriteLine($"requests_per_1000={cost:0.0}");
        cost.Should().BeInRange(1, allowed);
    }

    [Fact]
    public async Task After_a_restart_no_build_is_read_alone()
    {
        await using BuildkiteSetup setup = new();
        List<BuildId> builds = [];
        for (var build = 0; build < 20; build++)
        {
            builds.Add((await setup.TriggerAsync()).BuildId);
        }

        var before = setup.Buildkite.Requests.Count;
        var runner = setup.CreateRunner();
        var snapshots = await Task.WhenAll(builds.Select(build => runner.StatusAsync(build)));

        snapshots.Should().OnlyContain(static snapshot => snapshot.Status == BuildStatus.Running);
        setup.CountOf("GET builds/").Should().Be(0);
        (setup.Buildkite.Requests.Count - before).Should().BeLessThan(10);
    }

    [Fact]
    public async Task A_build_that_no_list_shows_is_read_alone_and_is_never_not_found()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.UnlistedUntil = setup.Time.GetUtcNow() + TimeSpan.FromMinutes(1);

        var snapshot = await setup.Runner.StatusAsync(buildId);

        snapshot.Status.Should().Be(BuildStatus.Running);
        setup.CountOf("GET builds/1?").Should().Be(1);
    }

    [Fact]
    public async Task An_end_is_told_by_one_read_of_the_build_with_its_jobs()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        build.Set(setup.Time.GetUtcNow(), "failed");
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        for (var poll = 0; poll < 5; poll++)
        {
            (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Failed);
            setup.Time.Advance(TimeSpan.FromSeconds(2));
        }

        setup.CountOf("GET builds/1?").Should().Be(1);
        setup.CountOf("GET builds?state").Should().Be(2);
    }

    [Fact]
    public async Task An_end_that_a_list_tells_is_believed_when_the_build_itself_says_so()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Buildkite.Answer(
            static request => request.Query("state[]") is not null,
            static (_, own) => own with { Body = own.Body.Replace("\"running\"", "\"passed\"", StringComparison.Ordinal) },
            stays: true);

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        setup.CountOf("GET builds/1?").Should().Be(1);
    }

    [Fact]
    public async Task A_poll_that_a_signal_hastened_reads_its_build_at_once()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        build.Set(setup.Time.GetUtcNow(), "passed");

        var polled = await setup.Runner.StatusAsync(buildId);
        var hastened = await setup.Reader.StatusAsync(buildId, TimeSpan.Zero);

        (polled.Status, hastened.Status).Should().Be((BuildStatus.Running, BuildStatus.Succeeded));
    }

    [Fact]
    public async Task A_build_that_is_blocked_is_read_alone_once_a_minute()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Set(setup.Time.GetUtcNow(), "passed", blocked: true);

        for (var poll = 0; poll < 50; poll++)
        {
            setup.Time.Advance(TimeSpan.FromSeconds(2));
            (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        }

        setup.CountOf("GET builds/1?").Should().Be(2);
    }

    [Fact]
    public async Task A_build_that_was_unblocked_is_seen_at_work_at_once_and_a_signal_tells_its_end()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Set(setup.Time.GetUtcNow(), "passed", blocked: true);
        var blocked = await setup.Runner.StatusAsync(buildId);
        build.Set(setup.Time.GetUtcNow(), "running");
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        var working = await setup.Runner.StatusAsync(buildId);
        build.Set(setup.Time.GetUtcNow(), "passed");

        var passed = await setup.Reader.StatusAsync(buildId, TimeSpan.Zero);

        blocked.Metadata[BuildMetadataKeys.NativeState].Should().Be("passed/blocked");
        working.Metadata[BuildMetadataKeys.NativeState].Should().Be("running");
        passed.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_signal_is_not_answered_by_what_was_read_of_a_blocked_build_before_it()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Set(setup.Time.GetUtcNow(), "passed", blocked: true);
        await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(10));
        build.Set(setup.Time.GetUtcNow(), "passed");
        setup.Time.Advance(TimeSpan.FromSeconds(5));

        (await setup.Reader.StatusAsync(buildId, TimeSpan.FromSeconds(5))).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task Old_builds_that_are_blocked_for_ever_are_not_listed()
    {
        await using BuildkiteSetup setup = new();
        for (var build = 0; build < 500; build++)
        {
            AddBuild(setup).Set(setup.Time.GetUtcNow(), "passed", blocked: true);
        }

        var (buildId, _) = await setup.TriggerAsync();

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        setup.CountOf("GET builds?state").Should().Be(1);
    }

    [Fact]
    public async Task A_build_that_was_cancelled_is_not_told_by_a_read_that_began_before()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);

        await setup.Runner.CancelAsync(buildId);

        (await setup.Runner.StatusAsync(buildId)).Metadata[BuildMetadataKeys.NativeState].Should().Be("canceling");
    }

    [Fact]
    public async Task Builds_of_others_are_not_listed()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        for (var build = 0; build < 250; build++)
        {
            setup.Buildkite.AddBuild("topic").Set(setup.Time.GetUtcNow(), "running");
        }

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        setup.Buildkite.Requests.Should().HaveCount(3, "the rules are checked, the build is created and the list is read");
    }

    [Fact]
    public async Task A_build_on_a_page_that_is_too_deep_is_read_alone()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        for (var build = 0; build < 250; build++)
        {
            AddBuild(setup);
        }

        setup.Buildkite.Fail(
            static request => request.Query("state[]") is not null && request.Query("page") == "3",
            FakeReply.Json(400, BuildkiteAnswers.Error("Listing builds this deep is not supported.")),
            stays: true);

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        (await setup.Runner.StatusAsync(new BuildId("verify/251"))).Status.Should().Be(BuildStatus.Running);
        setup.CountOf("GET builds?state").Should().Be(3);
        setup.CountOf("GET builds/").Should().Be(1);
    }

    private static FakeBuild AddBuild(BuildkiteSetup setup)
    {
        var build = setup.Buildkite.AddBuild(metaData: new JsonObject { ["build_runner"] = "1" });
        build.Set(build.CreatedAt, "running");
        return build;
    }
}
