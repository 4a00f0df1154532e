namespace BuildRunner.GitLab.Tests;

/// <summary>GitLab's limits: of requests in text and in JSON, and of pipelines as a 400.</summary>
public sealed class LimitTests
{
    public static TheoryData<int, string, string, string?, int> Limits => new()
    {
        { 429, "Retry later\n", "text/plain", "30", 30 },
        { 429, "Too much, says the administrator", "text/plain", null, 60 },
        { 429, """{"message":{"error":"This endpoint has been requested too many times. Try again later."}}""", "application/json", null, 60 },
        { 400, """{"message":{"base":["Too many pipelines created in the last minute. Try again later."]}}""", "application/json", null, 60 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_limit_of_creates_is_transient_its_wait_is_kept_and_it_stops_no_read(
        int status, string body, string contentType, string? retryAfter, int seconds)
    {
        await using GitLabSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        FakeReply reply = new(status, body, contentType);
        setup.GitLab.Fail(FakeGitLab.IsCreate, retryAfter is null ? reply : reply.With("Retry-After", retryAfter));
        var before = setup.GitLab.Creates;
        var act = () => setup.Runner.TriggerAsync(GitLabSetup.Request());

        var refused = (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which;
        setup.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
        var held = (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which;

        (refused.IsTransient, refused.RetryAfter).Should().Be((true, TimeSpan.FromSeconds(seconds)));
        (held.IsTransient, held.RetryAfter).Should().Be((true, TimeSpan.FromSeconds(1)));
        (setup.GitLab.Creates - before).Should().Be(1, "what is waited for is not asked for again");
        (await setup.Runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running);
        setup.Time.Advance(TimeSpan.FromSeconds(1));
        await act();
    }

    [Fact]
    public async Task A_proxy_s_429_proves_nothing()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.Fail(FakeGitLab.IsCreate, FakeReply.Html(429), acts: true);

        var buildId = await setup.Runner.TriggerAsync(GitLabSetup.Request());

        setup.GitLab.PipelineOf(buildId).Should().BeSameAs(setup.GitLab.Pipelines.Single());
    }

    [Fact]
    public async Task The_limit_of_pipelines_per_minute_passes()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.MaxCreates = 2;
        var act = () => setup.Runner.TriggerAsync(GitLabSetup.Request());
        await act();
        await act();

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.RetryAfter.Should().Be(TimeSpan.FromMinutes(1));
        setup.Time.Advance(TimeSpan.FromMinutes(1));
        await act();

        setup.GitLab.Pipelines.Should().HaveCount(3);
    }

    [Fact]
    public async Task Polls_leave_the_last_fifth_of_a_budget_and_a_refusal_is_waited_for()
    {
        await using GitLabSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.GitLab.RateLimit = 20;
        var reads = 0;
        var hastened = async () =>
        {
            reads++;
            await setup.Reader.StatusAsync(buildId, TimeSpan.Zero);
        };

        await FluentActions.Awaiting(async () =>
        {
            while (reads < 100)
            {
                await hastened();
            }
        }).Should().ThrowExactlyAsync<BuildRunnerException>();

        reads.Should().BeInRange(10, 17);
        await setup.Runner.CancelAsync(buildId);
        setup.Time.Advance(TimeSpan.FromMinutes(1));
        await hastened.Should().NotThrowAsync();
    }

    [Fact]
    public async Task A_429_to_a_read_is_transient_with_the_wait_of_its_header()
    {
        await using GitLabSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.GitLab.RateLimit = 0;
        var before = setup.GitLab.Requests.Count;
        var act = () => setup.Runner.StatusAsync(buildId);

        var refused = (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which;
        await act.Should().ThrowExactlyAsync<BuildRunnerException>();

        (refused.IsTransient, refused.RetryAfter).Should().Be((true, TimeSpan.FromMinutes(1)));
        (setup.GitLab.Requests.Count - before).Should().Be(1);
    }

    [Fact]
    public async Task An_end_whose_jobs_cannot_be_listed_is_told_a_minute_later_and_with_its_reason()
    {
        await using GitLabSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync("Fails");
        setup.GitLab.JobListsLeft = 0;
        var act = () => setup.Runner.StatusAsync(buildId);

        var refused = (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which;
        setup.GitLab.JobListsLeft = int.MaxValue;
        setup.Time.Advance(TimeSpan.FromMinutes(1));

        (refused.IsTransient, refused.RetryAfter).Should().Be((true, TimeSpan.FromMinutes(1)));
        (await act()).Metadata[BuildMetadataKeys.FailureKind].Should().Be(BuildFailureKinds.Code);
    }

    [Fact]
    public async Task A_403_without_a_limit_is_the_setup_s()
    {
        await using GitLabSetup setup = new();
        setup.GitLab.IsReadOnly = true;

        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(GitLabSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }
}
