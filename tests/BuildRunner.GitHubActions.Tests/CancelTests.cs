namespace BuildRunner.GitHubActions.Tests;

/// <summary>A cancel that is accepted is no end, and one that is refused is no end either.</summary>
public sealed class CancelTests
{
    [Fact]
    public async Task A_cancel_ends_the_run()
    {
        await using GitHubSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();

        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(1));

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
        setup.CountOf("POST", "/cancel").Should().Be(1);
    }

    [Fact]
    public async Task A_run_that_has_ended_is_sent_no_cancel()
    {
        await using GitHubSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync("Succeeds");

        await setup.Runner.CancelAsync(buildId);

        setup.CountOf("POST", "/cancel").Should().Be(0);
    }

    [Fact]
    public async Task A_409_of_a_run_that_has_ended_meanwhile_is_a_cancel_that_did_nothing()
    {
        await using GitHubSetup setup = new();
        var (buildId, run) = await setup.TriggerAsync();
        setup.GitHub.Answer(static request => request.Method == "POST", (_, _) =>
        {
            run.Set(setup.Time.GetUtcNow(), "completed", "success");
            return FakeReply.Json(409, GitHubAnswers.Error(409, "Cannot cancel a workflow run that is completed."));
        });

        await setup.Runner.CancelAsync(buildId);

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Succeeded);
    }

    [Fact]
    public async Task A_409_of_a_run_that_is_not_queued_yet_is_transient()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.CancelLag = TimeSpan.FromSeconds(1);
        var buildId = await setup.Runner.TriggerAsync(GitHubSetup.Request());
        setup.GitHub.CancelLag = TimeSpan.FromHours(1);

        var act = () => setup.Runner.CancelAsync(buildId);

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        (await setup.Runner.StatusAsync(buildId)).Metadata[BuildMetadataKeys.NativeState].Should().BeOneOf("queued", "in_progress");
    }

    [Fact]
    public async Task A_run_that_cannot_be_read_yet_is_cancelled_later()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.ReadLag = TimeSpan.FromSeconds(30);
        var buildId = await setup.Runner.TriggerAsync(GitHubSetup.Request());

        (await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        setup.Time.Advance(TimeSpan.FromSeconds(30));
        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(1));

        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Fact]
    public async Task A_cancel_without_effect_is_forced_when_it_is_repeated_after_its_grace()
    {
        await using GitHubSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync("IgnoresCancel");

        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(110));
        await setup.Runner.CancelAsync(buildId);
        var forcedEarly = setup.CountOf("POST", "/force-cancel");
        setup.Time.Advance(TimeSpan.FromSeconds(10));
        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(1));

        forcedEarly.Should().Be(0);
        setup.CountOf("POST", "/force-cancel").Should().Be(1);
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Cancelled);
    }

    [Theory]
    [InlineData(500, "Failed to cancel workflow run")]
    [InlineData(409, "Cannot cancel a workflow run")]
    public async Task A_forced_cancel_that_fails_is_transient(int status, string message)
    {
        await using GitHubSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync("IgnoresCancel");
        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromMinutes(2));
        setup.GitHub.Fail(static request => request.Path.EndsWith("/force-cancel", StringComparison.Ordinal),
            FakeReply.Json(status, GitHubAnswers.Error(status, message)));

        (await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
        setup.CountOf("POST", "/force-cancel").Should().Be(1);
    }

    [Fact]
    public async Task A_refused_cancel_of_a_run_that_was_never_accepted_is_not_forced()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.CancelLag = TimeSpan.FromHours(1);
        var (buildId, _) = await setup.TriggerAsync();
        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowAsync<BuildRunnerException>();
        setup.Time.Advance(TimeSpan.FromMinutes(10));

        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should().ThrowAsync<BuildRunnerException>();

        setup.CountOf("POST", "/force-cancel").Should().Be(0);
    }

    [Fact]
    public async Task A_missing_permission_is_the_setup()
    {
        await using GitHubSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.GitHub.IsReadOnly = true;

        await FluentActions.Awaiting(() => setup.Runner.CancelAsync(buildId)).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }
}
