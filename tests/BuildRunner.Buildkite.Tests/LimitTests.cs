using System.Globalization;
using System.Text.Json.Nodes;

namespace BuildRunner.Buildkite.Tests;

/// <summary>The budgets of the organization and of the user. Each call counts against both.</summary>
public sealed class LimitTests
{
    // What is told of each budget: left, and seconds to its reset; then the reset of the body, and what is waited for.
    public static TheoryData<int, int, int, int, int?, int?> Limits => new()
    {
        { 120, 42, 0, 42, 42, 43 },
        { 0, 20, 30, 50, 20, 21 },
        { 0, 20, 0, 50, 20, 51 },
        { 0, 20, 0, 50, null, 51 },
        { 120, 42, 0, 12, 42, 43 },
        { 120, 42, 0, 42, null, 43 },
        { 120, 42, 30, 42, 17, 18 },
        { 120, 42, 30, 42, null, 43 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_limit_is_transient_and_the_longer_wait_is_kept(
        int organization, int organizationReset, int user, int userReset, int? told, int? seconds)
    {
        await using BuildkiteSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        await setup.TriggerAsync();
        JsonObject body = new() { ["message"] = "You have exceeded your API rate limit.", ["scope"] = "rest_user", ["reset"] = told };
        setup.Buildkite.Fail(FakeBuildkite.IsCreate, FakeReply.Json(429, body)
            .With("RateLimit-Limit", "200").With("RateLimit-Remaining", Text(organization)).With("RateLimit-Reset", Text(organizationReset))
            .With("RateLimit-User-Limit", "50").With("RateLimit-User-Remaining", Text(user)).With("RateLimit-User-Reset", Text(userReset)));
        var before = setup.Buildkite.Requests.Count;

        var refused = (await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(BuildkiteSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerException>()).Which;
        var held = (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should()
            .ThrowExactlyAsync<BuildRunnerException>()).Which;

        (refused.IsTransient, held.IsTransient).Should().Be((true, true));
        refused.RetryAfter.Should().Be(TimeSpan.FromSeconds(seconds!.Value));
        (setup.Buildkite.Requests.Count - before).Should().Be(1, "what is waited for is not asked for again");
        setup.Time.Advance(TimeSpan.FromSeconds(seconds.Value));
        await setup.Runner.TriggerAsync(BuildkiteSetup.Request());
    }

    [Fact]
    public async Task A_Retry_After_of_a_proxy_counts_too()
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Fail(FakeBuildkite.IsCreate, FakeReply.Json(429, BuildkiteAnswers.Error("Slow down")).With("Retry-After", "7"));

        (await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(BuildkiteSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerException>()).Which.RetryAfter.Should().Be(TimeSpan.FromSeconds(7));
    }

    [Theory]
    [InlineData(200, 0, "rest")]
    [InlineData(0, 50, "rest_user")]
    public async Task A_budget_that_somebody_else_has_used_up_is_waited_for_until_its_reset(int ofOrganization, int ofUser, string scope)
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Limits = (200, 50);
        setup.Buildkite.Use(ofOrganization, ofUser);
        var act = () => setup.Runner.TriggerAsync(BuildkiteSetup.Request());

        (await act.Should().ThrowExactlyAsync<BuildRunnerException>()).Which.RetryAfter.Should().BePositive().And
            .BeLessThanOrEqualTo(TimeSpan.FromSeconds(61));
        (await act.Should().ThrowAsync<BuildRunnerException>()).Which.IsTransient.Should().BeTrue();
        setup.Buildkite.Requests.Should().ContainSingle("of the budget {0} nothing is left", scope);
        setup.Time.Advance(TimeSpan.FromSeconds(61));
        await act.Should().NotThrowAsync();
    }

    [Theory]
    [InlineData(161, 0)]
    [InlineData(0, 41)]
    public async Task Polls_leave_the_last_fifth_of_each_budget_to_triggers_and_cancels(int ofOrganization, int ofUser)
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Limits = (200, 50);
        var (buildId, _) = await setup.TriggerAsync();
        setup.Buildkite.Use(ofOrganization, ofUser);
        await setup.Runner.FindAsync("key");
        setup.Time.Advance(TimeSpan.FromSeconds(2));

        (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.RetryAfter.Should().BePositive();
        await setup.Runner.TriggerAsync(BuildkiteSetup.Request("Succeeds", "key"));
        await setup.Runner.CancelAsync(buildId);
        setup.Buildkite.BuildOf(buildId).StateAt(setup.Time.GetUtcNow()).State.Should().Be("canceling");
    }

    [Fact]
    public async Task A_budget_that_would_not_last_makes_statuses_older()
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Limits = (200, 50);
        var (buildId, _) = await setup.TriggerAsync();
        setup.Buildkite.Use(0, 35);
        var before = setup.Reader.Freshness;

        await setup.Runner.StatusAsync(buildId);

        before.Should().Be(TimeSpan.FromSeconds(1));
        setup.Reader.Freshness.Should().BeGreaterThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Thirty_builds_are_followed_to_their_ends_within_the_default_budget_of_a_user()
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Limits = (200, 50);
        List<BuildId> builds = [];
        for (var build = 0; build < 30; build++)
        {
            builds.Add((await setup.TriggerAsync()).BuildId);
        }

        var refused = 0;
        for (var second = 0; second < 120; second++)
        {
            setup.Time.Advance(TimeSpan.FromSeconds(1));
            foreach (var build in builds)
            {
                try
                {
                    (await setup.Runner.StatusAsync(build)).Status.Should().Be(BuildStatus.Running);
                }
                catch (BuildRunnerException exception) when (exception.IsTransient)
                {
                    refused++;
                }
            }
        }

        setup.Buildkite.Requests.Count.Should().BeLessThan(30 * 2 + 100);
        refused.Should().BeLessThan(30 * 120 / 4, "older statuses are better than none");
    }

    [Fact]
    public async Task A_missing_scope_is_no_limit()
    {
        await using BuildkiteSetup setup = new();
        setup.Buildkite.Tokens[BuildkiteSetup.Token] = ["read_builds"];

        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(BuildkiteSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
