namespace BuildRunner.Jenkins.Tests;

/// <summary>A cancel that is taken is no end, and what Jenkins answers is rarely what has happened.</summary>
public sealed class CancelTests
{
    [Fact]
    public async Task A_cancel_in_the_queue_ends_the_build_also_when_Jenkins_has_forgotten_its_item()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, build) = await setup.TriggerAsync();

        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromMinutes(6));

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
        build.IsCancelled.Should().BeTrue();
        await setup.Runner.CancelAsync(buildId);
        setup.CountOf("POST", "/cancelItem").Should().Be(1);
    }

    [Fact]
    public async Task A_cancel_of_a_build_stops_it()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();

        await setup.Runner.CancelAsync(buildId);
        var early = await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        early.Status.Should().Be(BuildStatus.Running);
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
        build.Stops.Should().Equal("stop");
    }

    [Fact]
    public async Task An_item_that_leaves_the_queue_meanwhile_has_its_build_stopped()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, build) = await setup.TriggerAsync();
        setup.Jenkins.Answer(static request => request.Path == "/queue/cancelItem", (_, _) =>
        {
            setup.Jenkins.IsQuietingDown = false;
            return FakeReply.Page(500, $"Could not cancel run for id {build.QueueId}");
        }, acts: false);

        await setup.Runner.CancelAsync(buildId);

        build.Stops.Should().Equal("stop");
        build.IsCancelled.Should().BeFalse();
    }

    [Fact]
    public async Task An_item_that_Jenkins_does_not_find_any_more_has_its_build_stopped()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, build) = await setup.TriggerAsync();
        setup.Jenkins.Answer(static request => request.Path == "/queue/cancelItem", (_, _) =>
        {
            setup.Jenkins.IsQuietingDown = false;
            return FakeReply.Page(404, $"Provided id ({build.QueueId}) not found");
        }, acts: false);

        await setup.Runner.CancelAsync(buildId);

        build.Stops.Should().Equal("stop");
    }

    [Fact]
    public async Task An_item_that_was_cancelled_meanwhile_is_a_cancel_that_did_nothing()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, build) = await setup.TriggerAsync();
        setup.Jenkins.Answer(static request => request.Path == "/queue/cancelItem", (_, _) =>
        {
            (build.LeftAt, build.IsCancelled) = (setup.Time.GetUtcNow(), true);
            return FakeReply.Page(500, $"Could not cancel run for id {build.QueueId}");
        }, acts: false);

        await setup.Runner.CancelAsync(buildId);

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task An_item_that_has_left_without_a_build_is_cancelled_later()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.ExecutableLag = TimeSpan.FromSeconds(30);
        var (buildId, build) = await setup.TriggerAsync();

        (await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        setup.Time.Advance(TimeSpan.FromSeconds(30));
        await setup.Runner.CancelAsync(buildId);

        build.Stops.Should().Equal("stop");
    }

    [Fact]
    public async Task A_build_that_has_ended_is_sent_no_stop()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync("Succeeds");

        await setup.Runner.CancelAsync(buildId);

        build.Stops.Should().BeEmpty();
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_Pipeline_that_does_not_stop_is_terminated_and_then_killed_when_its_cancel_is_repeated()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync("IgnoresCancel");
        build.IgnoresTerm = true;

        foreach (var seconds in new[] { 0, 50, 20, 40, 10 })
        {
            setup.Time.Advance(TimeSpan.FromSeconds(seconds));
            (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
            await setup.Runner.CancelAsync(buildId);
        }

        setup.Time.Advance(TimeSpan.FromSeconds(2));
        build.Stops.Should().Equal("stop", "stop", "term", "term", "kill");
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_freestyle_build_is_stopped_again_and_never_terminated()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsPipeline = false;
        var (buildId, build) = await setup.TriggerAsync("IgnoresCancel");

        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromMinutes(5));
        await setup.Runner.CancelAsync(buildId);

        build.Stops.Should().Equal("stop", "stop");
    }

    [Theory]
    [InlineData(500)]
    [InlineData(404)]
    [InlineData(409)]
    public async Task A_stop_that_is_refused_is_transient_while_the_build_goes_on(int status)
    {
        await using JenkinsSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Jenkins.Fail(static request => request.Path.EndsWith("/stop", StringComparison.Ordinal), FakeReply.Page(status, "No"));

        (await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        setup.CountOf("POST", "/stop").Should().Be(1);
    }

    [Theory]
    [InlineData(302)]
    [InlineData(200)]
    [InlineData(502)]
    public async Task A_page_of_a_proxy_is_no_stop(int status)
    {
        await using JenkinsSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Jenkins.Fail(static request => request.Method == "POST", FakeReply.Html(status).With("Location", "https://sso.test/"));

        (await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_missing_permission_is_the_setup(bool isQueued)
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = isQueued;
        var (buildId, _) = await setup.TriggerAsync();
        setup.Jenkins.MayCancel = false;

        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
        setup.Jenkins.Requests.Count(static request => request.Method == "POST").Should().Be(2, "one is the trigger");
    }

    [Fact]
    public async Task A_build_that_is_not_there_is_not_found()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        setup.Jenkins.Remove(build);

        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildNotFoundException>();
    }

    [Fact]
    public async Task The_first_poll_after_a_cancel_is_answered_by_a_read_after_it()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        await setup.Runner.StatusAsync(buildId);

        await setup.Runner.CancelAsync(buildId);
        build.Set(building: false, inProgress: false, "ABORTED");

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_build_that_ended_while_its_item_was_to_be_cancelled_is_not_told_to_be_cancelled()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, build) = await setup.TriggerAsync("Succeeds");
        setup.Jenkins.Answer(static request => request.Path == "/queue/cancelItem", (_, _) =>
        {
            setup.Jenkins.IsQuietingDown = false;
            return FakeReply.Page(500, $"Could not cancel run for id {build.QueueId}");
        }, acts: false);
        await setup.Runner.CancelAsync(buildId);
        setup.Jenkins.Remove(build);

        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildNotFoundException>();
    }

    [Fact]
    public async Task A_cancel_in_the_queue_whose_answer_proves_nothing_is_seen_and_remembered()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, build) = await setup.TriggerAsync();
        setup.Jenkins.Fail(static request => request.Path == "/queue/cancelItem", FakeReply.Html(502), acts: true);

        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromMinutes(6));

        build.IsCancelled.Should().BeTrue();
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_redirect_does_not_prove_that_an_item_was_cancelled()
    {
        await using JenkinsSetup setup = new();
        setup.Jenkins.IsQuietingDown = true;
        var (buildId, build) = await setup.TriggerAsync();
        setup.Jenkins.Fail(static request => request.Path == "/queue/cancelItem",
            FakeReply.Page(302, "").With("Location", ".").With("X-Jenkins", FakeJenkins.Version));

        (await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        setup.Jenkins.Remove(build);
        await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildNotFoundException>();
    }

    [Fact]
    public async Task A_job_that_is_hidden_is_the_setup_and_no_build_that_is_gone()
    {
        await using JenkinsSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.Jenkins.IsHidden = true;

        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }
}
