namespace BuildRunner.Jenkins.Tests;

/// <summary>The builds of a key, in the queue and out of it.</summary>
public sealed class FindTests
{
    [Theory]
    [InlineData("queued")]
    [InlineData("running")]
    [InlineData("forgotten")]
    [InlineData("ended")]
    public async Task A_later_trigger_with_the_same_key_gives_the_same_build_also_after_a_restart(string state)
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = state == "queued";
        var request = JenkinsSetup.Request(state == "ended" ? "Succeeds" : "RunsLong", "key: ä/\"'");
        var buildId = await setup.Runner.TriggerAsync(request);
        setup.Time.Advance(state == "forgotten" ? TimeSpan.FromMinutes(6) : TimeSpan.FromSeconds(10));

        foreach (var runner in new[] { setup.Runner, setup.CreateRunner() })
        {
            (await runner.FindAsync("key: ä/\"'")).Should().Be(buildId);
            (await runner.TriggerAsync(request)).Should().Be(buildId);
            var other = () => runner.TriggerAsync(request with { Head = [] });
            (await other.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeFalse();
            (await runner.FindAsync("another")).Should().BeNull();
        }

        setup.Jenkins.Creates.Should().Be(1);
    }

    [Fact]
    public async Task Metadata_is_no_part_of_what_is_built()
    {
        await using JenkinsSetup setup = new();
        var request = JenkinsSetup.Request(key: "key");
        var buildId = await setup.Runner.TriggerAsync(request);

        (await setup.CreateRunner().TriggerAsync(request with { Metadata = [new("attempt", "2")] })).Should().Be(buildId);
    }

    [Fact]
    public async Task Of_copies_that_somebody_has_started_by_hand_the_oldest_counts()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync("Fails", "key");
        setup.Jenkins.Add(build.Parameters);
        setup.Time.Advance(TimeSpan.FromSeconds(10));
        setup.Jenkins.IsQuietingDown = true;
        setup.Jenkins.Add(build.Parameters);

        (await setup.CreateRunner().FindAsync("key")).Should().Be(buildId);
    }

    [Fact]
    public async Task An_item_that_moves_to_the_builds_between_two_looks_is_found()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var buildId = await setup.Runner.TriggerAsync(JenkinsSetup.Request(key: "key"));
        setup.Time.Advance(TimeSpan.FromSeconds(10));
        setup.Jenkins.Answer(static request => request.Path == "/queue/api/json", (_, own) =>
        {
            // What the first look shows of the queue is older than the item.
            setup.Jenkins.IsQuietingDown = false;
            return own with { Body = "{\"items\":[]}" };
        });

        (await setup.CreateRunner().FindAsync("key")).Should().Be(buildId);
    }

    [Fact]
    public async Task An_item_that_the_queue_shows_late_is_found_by_the_second_look()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var buildId = await setup.Runner.TriggerAsync(JenkinsSetup.Request(key: "key"));
        setup.Jenkins.Fail(static request => request.Path == "/queue/api/json",
            FakeReply.Json(200, new System.Text.Json.Nodes.JsonObject { ["items"] = new System.Text.Json.Nodes.JsonArray() })
                .With("X-Jenkins", FakeJenkins.Version));

        var before = setup.CountOf("GET", "/queue/api/json");

        (await setup.CreateRunner().FindAsync("key")).Should().Be(buildId);
        (setup.CountOf("GET", "/queue/api/json") - before).Should().Be(2);
    }

    [Fact]
    public async Task All_pages_are_read_once_and_then_what_is_new()
    {
        await using JenkinsSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync(key: "key");
        for (var other = 0; other < 400; other++)
        {
            setup.Jenkins.Add([]);
        }

        setup.Time.Advance(TimeSpan.FromSeconds(10));
        var runner = setup.CreateRunner();
        var before = setup.Jenkins.Requests.Count;
        (await runner.FindAsync("key")).Should().Be(buildId);
        var first = setup.Jenkins.Requests.Count - before;
        (await runner.FindAsync("key")).Should().Be(buildId);
        var known = setup.Jenkins.Requests.Count - before - first;
        (await runner.FindAsync("another")).Should().BeNull();
        var later = setup.Jenkins.Requests.Count - before - first - known;

        (first, known, later).Should().Be((2 + 5, 0, 2 + 1));
    }

    [Fact]
    public async Task More_builds_than_a_page_between_two_looks_are_all_seen()
    {
        await using JenkinsSetup setup = new();
        var runner = setup.CreateRunner();
        await setup.TriggerAsync(key: "first");
        await runner.FindAsync("none");
        var (buildId, _) = await setup.TriggerAsync(key: "key");
        for (var other = 0; other < 90; other++)
        {
            setup.Jenkins.Add([]);
        }

        setup.Time.Advance(TimeSpan.FromSeconds(10));

        (await runner.FindAsync("key")).Should().Be(buildId);
    }

    [Fact]
    public async Task All_pages_of_a_job_that_was_made_anew_are_read_once_more()
    {
        await using JenkinsSetup setup = new();
        var runner = setup.CreateRunner();
        for (var old = 0; old < 300; old++)
        {
            setup.Jenkins.Add([]);
        }

        setup.Time.Advance(TimeSpan.FromSeconds(10));
        await runner.FindAsync("none");
        setup.Jenkins.MakeJobAnew();
        var (buildId, _) = await setup.TriggerAsync(key: "key");
        for (var other = 0; other < 90; other++)
        {
            setup.Jenkins.Add([]);
        }

        setup.Time.Advance(TimeSpan.FromSeconds(10));

        (await runner.FindAsync("key")).Should().Be(buildId);
    }

    [Fact]
    public async Task The_key_of_another_job_of_the_same_queue_is_another_key()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        await setup.Runner.TriggerAsync(JenkinsSetup.Request(key: "key"));
        var other = setup.CreateRunner(options => options.Job = "other");
        setup.Jenkins.Job = "other";

        (await other.FindAsync("key")).Should().BeNull();
    }

    [Fact]
    public async Task A_key_is_free_again_once_its_build_is_gone()
    {
        await using JenkinsSetup setup = new();
        var request = JenkinsSetup.Request(key: "key");
        var buildId = await setup.Runner.TriggerAsync(request);
        setup.Jenkins.Remove(setup.Jenkins.Builds[0]);
        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowAsync<BuildNotFoundException>();

        (await setup.Runner.TriggerAsync(request)).Should().NotBe(buildId);
        setup.Jenkins.Builds.Should().ContainSingle();
    }

    [Fact]
    public async Task A_build_that_was_cancelled_in_the_queue_keeps_its_key_in_this_process()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var request = JenkinsSetup.Request(key: "key");
        var buildId = await setup.Runner.TriggerAsync(request);
        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromMinutes(6));

        (await setup.Runner.TriggerAsync(request)).Should().Be(buildId);
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_look_that_fails_proves_nothing()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.Fail(static request => request.Path == "/queue/api/json", FakeReply.Html(200), stays: true);

        (await FluentActions.Awaiting(() => setup.Runner.FindAsync("key")).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        (await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(JenkinsSetup.Request(key: "key"))).Should()
            .ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        setup.Jenkins.Creates.Should().Be(0);
    }
}
