using System.Globalization;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>GitHub's two kinds of limits.</summary>
public sealed class LimitTests
{
    private const string Secondary = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";

    public static TheoryData<int, string, string?, string?, int> Limits => new()
    {
        { 403, Secondary, "30", "4000", 30 },
        { 429, Secondary, "30", "4000", 30 },
        { 403, Secondary, null, "4000", 60 },
        { 429, Secondary, null, "4000", 60 },
        { 403, Secondary, null, null, 60 },
        { 429, "Too many", null, null, 60 },
        { 403, "You have triggered an abuse detection mechanism.", null, "4000", 60 },
        { 403, "API rate limit exceeded for installation ID 1.", null, "0", 600 },
        { 429, "API rate limit exceeded for installation ID 1.", null, "0", 600 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_limit_is_transient_and_its_wait_is_kept(int status, string message, string? retryAfter, string? remaining,
        int seconds)
    {
        await using GitHubSetup setup = new(FakeMode.Ghes321);
        var (buildId, _) = await setup.TriggerAsync();
        var reset = (setup.Time.GetUtcNow() + TimeSpan.FromMinutes(10)).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        setup.GitHub.Answer(static request => request.Method == "POST", (_, _) =>
        {
            var reply = FakeReply.Json(status, GitHubAnswers.Error(status, message))
                .With("Date", setup.Time.GetUtcNow().ToString("R", CultureInfo.InvariantCulture));
            reply = retryAfter is null ? reply : reply.With("Retry-After", retryAfter);
            return remaining is null ? reply : reply.With("x-ratelimit-limit", "5000").With("x-ratelimit-remaining", remaining)
                .With("x-ratelimit-reset", reset);
        }, acts: false);
        var before = setup.GitHub.Requests.Count;

        var refused = (await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(GitHubSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerException>()).Which;
        var held = (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should()
            .ThrowExactlyAsync<BuildRunnerException>()).Which;

        refused.IsTransient.Should().BeTrue();
        refused.RetryAfter.Should().Be(TimeSpan.FromSeconds(seconds));
        held.RetryAfter.Should().BePositive();
        (setup.GitHub.Requests.Count - before).Should().Be(1, "what is waited for is not asked for again");
        setup.Time.Advance(TimeSpan.FromSeconds(seconds));
        await setup.Runner.TriggerAsync(GitHubSetup.Request());
    }

    [Fact]
    public async Task A_missing_permission_is_no_limit()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.IsReadOnly = true;

        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(GitHubSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    [Fact]
    public async Task A_budget_that_is_used_up_is_waited_for_until_its_reset()
    {
        await using GitHubSetup setup = new();
        setup.GitHub.ResetsAt = setup.Time.GetUtcNow() + TimeSpan.FromMinutes(20);
        setup.GitHub.Remaining = (0, 5000);

        var act = () => setup.Runner.TriggerAsync(GitHubSetup.Request());

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.RetryAfter.Should()
            .BeCloseTo(TimeSpan.FromMinutes(20), TimeSpan.FromSeconds(1));
        setup.Time.Advance(TimeSpan.FromMinutes(20));
        await act.Should().NotThrowAsync();
    }

    [Fact]
    public async Task Polls_leave_the_last_fifth_of_the_budget_of_REST_and_the_budget_of_GraphQL_is_another_one()
    {
        await using GitHubSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.GitHub.Remaining = (900, 5000);
        await setup.Runner.TriggerAsync(GitHubSetup.Request());
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        var status = await setup.Runner.StatusAsync(buildId);
        var alone = () => setup.CreateRunner().StatusAsync(buildId);
        var hastened = () => setup.Reader.StatusAsync(buildId, TimeSpan.Zero);

        status.Status.Should().Be(BuildStatus.Running);
        await hastened.Should().ThrowExactlyAsync<BuildRunnerException>();
        await alone.Should().NotThrowAsync("another instance does not know the budget yet");
        await setup.Runner.TriggerAsync(GitHubSetup.Request());
    }

    [Fact]
    public async Task A_token_is_had_with_what_polls_leave()
    {
        await using GitHubSetup setup = new();
        var pem = setup.GitHub.AppKey.ExportPkcs8PrivateKeyPem();
        var runner = setup.CreateRunner(options =>
        {
            (options.Token, options.AppId, options.InstallationId) = (null, FakeGitHub.AppId, FakeGitHub.InstallationId);
            options.PrivateKey = _ => new(pem);
        });
        setup.GitHub.Remaining = (900, 5000);
        await runner.TriggerAsync(GitHubSetup.Request());
        setup.GitHub.Tokens.Clear();

        await runner.TriggerAsync(GitHubSetup.Request());

        setup.GitHub.Minted.Should().Be(2);
    }

    [Fact]
    public async Task The_budget_of_GraphQL_makes_statuses_older_and_not_fewer()
    {
        await using GitHubSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.GitHub.Remaining = (5000, 1100);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        var before = setup.Reader.Freshness;

        await setup.Runner.StatusAsync(buildId);

        before.Should().Be(TimeSpan.FromSeconds(1));
        setup.Reader.Freshness.Should().BeGreaterThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_limit_of_GraphQL_is_transient()
    {
        await using GitHubSetup setup = new(FakeMode.Ghes321);
        var (buildId, _) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        setup.GitHub.Fail(static request => request.Path.EndsWith("/graphql", StringComparison.Ordinal),
            FakeReply.Json(200, GitHubAnswers.GraphError("RATE_LIMITED", "API rate limit exceeded")));

        (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
    }
}
