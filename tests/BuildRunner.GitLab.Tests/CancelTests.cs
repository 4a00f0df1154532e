namespace BuildRunner.GitLab.Tests;

/// <summary>A cancel that is answered with 200 need not have done anything.</summary>
public sealed class CancelTests
{
    [Fact]
    public async Task A_cancel_ends_the_pipeline_after_its_scripts_for_the_end()
    {
        await using GitLabSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();

        await setup.Runner.CancelAsync(buildId);

        (await setup.Runner.StatusAsync(buildId)).Metadata[BuildMetadataKeys.NativeState].Should().Be("canceling");
        setup.Time.Advance(TimeSpan.FromSeconds(1));
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
        setup.CountOf("POST", "/cancel").Should().Be(1);
    }

    [Fact]
    public async Task A_pipeline_that_has_ended_is_sent_no_cancel()
    {
        await using GitLabSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync("Succeeds");

        await setup.Runner.CancelAsync(buildId);

        setup.CountOf("POST", "/cancel").Should().Be(0);
    }

    [Fact]
    public async Task A_cancel_of_a_pipeline_that_has_ended_meanwhile_did_nothing()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        setup.GitLab.Answer(static request => request.Method == "POST", (_, _) =>
        {
            pipeline.Set(setup.GitLab.Now, "success");
            return FakeReply.Json(200, GitLabAnswers.Whole(setup.GitLab, pipeline));
        }, acts: false);

        await setup.Runner.CancelAsync(buildId);

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Theory]
    [InlineData("manual")]
    [InlineData("running")]
    [InlineData("pondering")]
    public async Task A_200_that_shows_a_pipeline_as_before_is_a_refusal_and_transient(string state)
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        pipeline.Set(setup.GitLab.Now, state);
        setup.GitLab.Answer(static request => request.Method == "POST", (_, _) =>
            FakeReply.Json(200, GitLabAnswers.Whole(setup.GitLab, pipeline)), acts: false);

        (await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
    }

    [Fact]
    public async Task A_cancel_without_effect_is_forced_when_it_is_repeated_after_its_grace()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync("IgnoresCancel");
        pipeline.Jobs =
        [
            GitLabAnswers.Job(1, "done", "success"),
            GitLabAnswers.Job(2, "stuck", "canceling"),
            GitLabAnswers.Job(3, "later", "canceled"),
        ];

        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(119));
        await setup.Runner.CancelAsync(buildId);
        var early = setup.GitLab.Requests.Count(static request => request.Query("force") == "true");
        setup.Time.Advance(TimeSpan.FromSeconds(1));
        await setup.Runner.CancelAsync(buildId);

        early.Should().Be(0);
        setup.GitLab.Requests.Where(static request => request.Query("force") == "true").Select(static request => request.Path)
            .Should().Equal("/api/v4/projects/acme%2Fshop/jobs/2/cancel");
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_token_that_may_not_force_jobs_is_the_setup()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.IsMaintainer = false;
        var (buildId, _) = await setup.TriggerAsync("IgnoresCancel");
        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromMinutes(2));

        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(200)]
    public async Task A_cancel_that_fails_is_transient_and_sent_once(int status)
    {
        await using GitLabSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.GitLab.Fail(static request => request.Method == "POST", FakeReply.Html(status), stays: true);

        (await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        setup.CountOf("POST", "/cancel").Should().Be(1);
    }

    [Fact]
    public async Task A_missing_permission_is_the_setup_and_an_unknown_pipeline_is_not_found()
    {
        await using GitLabSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.GitLab.IsReadOnly = true;

        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(new BuildId("7"))).Should()
            .ThrowExactlyAsync<BuildNotFoundException>();
    }

    [Fact]
    public async Task A_list_that_lags_does_not_hide_the_effect_of_a_cancel()
    {
        await using GitLabSetup setup = new();
        var (buildId, pipeline) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        pipeline.UnlistedUntil = DateTimeOffset.MaxValue;

        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(1));

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }
}
