namespace BuildRunner.Buildkite.Tests;

/// <summary>A cancel that is accepted is no end, and one that is refused is no end either.</summary>
public sealed class CancelTests
{
    [Fact]
    public async Task A_cancel_ends_the_build_after_a_while()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();

        await setup.Runner.CancelAsync(buildId);
        var stopping = await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        var stopped = await setup.Runner.StatusAsync(buildId);

        (stopping.Status, stopping.Metadata[BuildMetadataKeys.NativeState]).Should().Be((BuildStatus.Running, "canceling"));
        (stopped.Status, stopped.Metadata["cancel_reason"]).Should().Be((BuildStatus.Cancelled, "Canceled by Keith Pitt"));
        setup.CountOf("PUT builds/1/cancel").Should().Be(1);
    }

    [Theory]
    [InlineData("passed")]
    [InlineData("failed")]
    [InlineData("canceled")]
    [InlineData("skipped")]
    [InlineData("not_run")]
    public async Task A_build_that_has_ended_is_sent_no_cancel(string state)
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Set(setup.Time.GetUtcNow(), state);

        await setup.Runner.CancelAsync(buildId);

        setup.CountOf("PUT").Should().Be(0);
    }

    [Fact]
    public async Task A_cancel_that_is_under_way_is_not_sent_again_however_long_it_takes()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync("IgnoresCancel");

        for (var cancel = 0; cancel < 10; cancel++)
        {
            await setup.Runner.CancelAsync(buildId);
            setup.Time.Advance(TimeSpan.FromMinutes(1));
            (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        }

        setup.CountOf("PUT builds/1/cancel").Should().Be(1);
    }

    [Fact]
    public async Task A_build_that_is_being_created_cannot_be_cancelled_yet_which_is_transient()
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Creating = TimeSpan.FromMinutes(1);
        var buildId = await setup.Runner.TriggerAsync(BuildkiteSetup.Request());
        var act = () => setup.Runner.CancelAsync(buildId);

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Accepted);
        setup.Time.Advance(TimeSpan.FromMinutes(1));
        await act();
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
        setup.CountOf("PUT builds/1/cancel").Should().Be(2);
    }

    [Fact]
    public async Task A_422_of_a_build_that_has_ended_meanwhile_is_a_cancel_that_did_nothing()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        setup.Buildkite.Answer(static request => request.Method == "PUT", (_, _) =>
        {
            build.Set(setup.Time.GetUtcNow(), "passed");
            return FakeReply.Json(422, BuildkiteAnswers.Error("Build can't be canceled because it's already finished."));
        }, acts: false);

        await setup.Runner.CancelAsync(buildId);

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Theory]
    [InlineData("passed")]
    [InlineData("failed")]
    public async Task A_blocked_build_that_Buildkite_does_not_cancel_has_failed_as_blocked(string state)
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Set(setup.Time.GetUtcNow(), state, blocked: true);
        var before = await setup.Runner.StatusAsync(buildId);

        await setup.Runner.CancelAsync(buildId);

        var after = await setup.Runner.StatusAsync(buildId);
        before.Status.Should().Be(BuildStatus.Running);
        (after.Status, after.Metadata[BuildMetadataKeys.FailureKind]).Should().Be((BuildStatus.Failed, BuildFailureKinds.Blocked));
        setup.CountOf("PUT builds/1/cancel").Should().Be(1);
    }

    [Fact]
    public async Task A_blocked_build_is_not_given_up_for_the_word_of_a_proxy()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Set(setup.Time.GetUtcNow(), "passed", blocked: true);
        setup.Buildkite.Fail(static request => request.Method == "PUT", FakeReply.Html(422));

        (await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
    }

    [Fact]
    public async Task A_blocked_build_whose_jobs_still_run_goes_on()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        build.Set(setup.Time.GetUtcNow(), "running", blocked: true);

        (await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(404)]
    [InlineData(422)]
    public async Task A_cancel_without_a_word_of_Buildkite_is_transient(int status)
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Buildkite.Fail(static request => request.Method == "PUT", status == 0 ? FakeReply.Lost : FakeReply.Html(status));

        (await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        setup.CountOf("PUT").Should().Be(1);
    }

    [Fact]
    public async Task A_lost_answer_to_a_cancel_that_arrived_is_one_that_did_something()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Buildkite.Fail(static request => request.Method == "PUT", FakeReply.Html(502), acts: true);

        await setup.Runner.CancelAsync(buildId);

        (await setup.Runner.StatusAsync(buildId)).Metadata[BuildMetadataKeys.NativeState].Should().Be("canceling");
    }

    [Fact]
    public async Task An_end_that_a_cancel_has_seen_stays_if_somebody_retries_the_jobs()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync("Fails");

        await setup.Runner.CancelAsync(buildId);
        build.RetryFailedJobs(setup.Time.GetUtcNow());
        setup.Time.Advance(TimeSpan.FromSeconds(5));

        var snapshot = await setup.Runner.StatusAsync(buildId);
        (snapshot.Status, snapshot.Metadata[BuildMetadataKeys.FailureKind]).Should().Be((BuildStatus.Failed, BuildFailureKinds.Code));
        await setup.Runner.CancelAsync(buildId);
        setup.CountOf("PUT").Should().Be(0);
    }

    [Fact]
    public async Task A_missing_scope_is_the_setup()
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Buildkite.Tokens[BuildkiteSetup.Token] = ["read_builds"];

        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }
}
