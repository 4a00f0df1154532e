namespace BuildRunner.Jenkins.Tests;

/// <summary>What many polls cost.</summary>
public sealed class BatchTests
{
    [Theory]
    [InlineData(1, 25)]
    [InlineData(3, 12)]
    public async Task A_thousand_builds_that_are_polled_by_chance_cost_few_requests(int freshness, int allowed)
    {
        const int Builds = 1000;
        const int FirstPolls = 2_000;
        const int Polls = 5_000;
        await using JenkinsSetup setup = new(options => options.Freshness = TimeSpan.FromSeconds(freshness));
        Random random = new(4711);
        List<BuildId> ids = [];
        for (var build = 0; build < Builds; build++)
        {
            ids.Add(await setup.Runner.TriggerAsync(JenkinsSetup.Request()));
        }

        setup.Time.Advance(TimeSpan.FromSeconds(10));

        // Some wait in the queue, as they do.
        setup.Jenkins.Builds.Take(100).ToList().ForEach(static build => (build.LeftAt, build.Number, build.LeavesAt) =
            (null, null, DateTimeOffset.MaxValue));
        PriorityQueue<BuildId, TimeSpan> due = new(ids.Select(id => (id, TimeSpan.FromSeconds(random.NextDouble() * 2.2))));
        var (start, before) = (setup.Time.GetTimestamp(), 0);
        for (var poll = 0; poll < FirstPolls + Polls && due.TryDequeue(out var id, out var at); poll++)
        {
            // Nobody knows of a build before it is asked for, so each costs reads of its own once.
            before = poll == FirstPolls ? setup.Jenkins.Requests.Count : before;
            var wait = at - setup.Time.GetElapsedTime(start);
            setup.Time.Advance(wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
            (await setup.Runner.StatusAsync(id)).Status.Should().BeOneOf(BuildStatus.Running, BuildStatus.Accepted);
            due.Enqueue(id, at + (TimeSpan.FromSeconds(2) * (1 + (random.NextDouble() * 0.2))));
        }

        var cost = (setup.Jenkins.Requests.Count - before) * 1000.0 / Polls;
        TestContext.Current.TestOutputHelper?.WriteLine($"requests_per_1000={cost:0.0}");
        cost.Should().BeInRange(1, allowed);
    }

    [Fact]
    public async Task Builds_that_all_run_cost_one_request_and_those_in_the_queue_another()
    {
        await using JenkinsSetup setup = new();
        var (one, _) = await setup.TriggerAsync();
        var (other, _) = await setup.TriggerAsync();
        for (var poll = 0; poll < 2; poll++)
        {
            await setup.Runner.StatusAsync(one);
            await setup.Runner.StatusAsync(other);
            setup.Time.Advance(TimeSpan.FromSeconds(2));
        }

        var before = setup.Jenkins.Requests.Count;

        await setup.Runner.StatusAsync(one);
        await setup.Runner.StatusAsync(other);
        var running = setup.Paths.Skip(before).ToList();
        setup.Jenkins.IsQuietingDown = true;
        var (queued, _) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(queued);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        before = setup.Jenkins.Requests.Count;
        await setup.Runner.StatusAsync(queued);

        running.Should().Equal("GET /job/team/job/verify/api/json");
        setup.Paths.Skip(before).Should().Equal("GET /queue/api/json", "GET /job/team/job/verify/api/json");
    }

    [Fact]
    public async Task A_list_has_no_parameters_and_reaches_as_far_as_it_has_to()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        for (var later = 0; later < 300; later++)
        {
            setup.Jenkins.Add([]);
        }

        setup.Time.Advance(TimeSpan.FromSeconds(10));
        await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        var before = setup.Jenkins.Requests.Count;

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);

        var list = setup.Jenkins.Requests.Skip(before).Should().ContainSingle().Subject;
        list.Query("tree").Should().StartWith("allBuilds[number,").And.NotContain("parameters");
        build.Number.Should().Be(7);
    }

    [Fact]
    public async Task A_poll_that_a_signal_hastened_is_answered_by_a_read_that_began_after_it()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        await setup.Runner.StatusAsync(buildId);
        build.Set(building: false, inProgress: false, "SUCCESS");

        var polled = await setup.Runner.StatusAsync(buildId);
        var hastened = await setup.Reader.StatusAsync(buildId, TimeSpan.Zero);

        polled.Status.Should().Be(BuildStatus.Running, "the list is fresh enough");
        hastened.Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_build_of_before_a_restart_is_read_alone_once_and_then_in_the_list()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, _) = await setup.TriggerAsync();
        var runner = setup.CreateRunner();

        for (var poll = 0; poll < 4; poll++)
        {
            (await runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Accepted);
            setup.Time.Advance(TimeSpan.FromSeconds(2));
        }

        setup.Paths.Count(static path => path.Contains("/queue/item/", StringComparison.Ordinal)).Should().Be(1);
    }
}
