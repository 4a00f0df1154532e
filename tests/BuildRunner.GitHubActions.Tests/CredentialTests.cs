using System.Security.Cryptography;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>Tokens, and those of an App.</summary>
public sealed class CredentialTests
{
    [Fact]
    public async Task An_App_gets_one_token_for_all_its_calls_and_another_before_that_ends()
    {
        await using var setup = Setup();
        var (buildId, _) = await setup.TriggerAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => setup.Runner.StatusAsync(buildId)));
        setup.Time.Advance(TimeSpan.FromSeconds(2));
        await setup.Runner.StatusAsync(buildId);
        var first = setup.GitHub.Minted;
        setup.Time.Advance(TimeSpan.FromMinutes(59));

        await setup.Runner.StatusAsync(buildId);

        (first, setup.GitHub.Minted).Should().Be((1, 2));
        setup.CountOf("POST", "/graphql").Should().BePositive("GraphQL is called with the same token");
    }

    [Fact]
    public async Task A_token_that_is_refused_is_replaced_once_also_for_a_create()
    {
        await using var setup = Setup();
        await setup.TriggerAsync();
        setup.GitHub.Tokens.Clear();

        await setup.Runner.TriggerAsync(GitHubSetup.Request());

        setup.GitHub.Minted.Should().Be(2);
        setup.GitHub.Dispatches.Should().Be(3);
        setup.GitHub.Runs.Should().HaveCount(2);
    }

    [Fact]
    public async Task Calls_that_are_refused_together_get_one_new_token()
    {
        await using var setup = Setup();
        List<BuildId> builds = [];
        for (var build = 0; build < 5; build++)
        {
            builds.Add((await setup.TriggerAsync()).BuildId);
        }

        setup.GitHub.Tokens.Clear();
        await Task.WhenAll(builds.Select(build => Task.Run(() => setup.Runner.StatusAsync(build))));

        setup.GitHub.Minted.Should().Be(2);
    }

    [Theory]
    [InlineData(-7200)]
    [InlineData(-600)]
    [InlineData(-30)]
    [InlineData(30)]
    [InlineData(7200)]
    public async Task A_clock_that_is_wrong_is_set_right_by_that_of_GitHub(int ahead)
    {
        await using var setup = Setup();
        setup.GitHub.ClockAhead = TimeSpan.FromSeconds(ahead);

        var (buildId, _) = await setup.TriggerAsync();
        await setup.Runner.StatusAsync(buildId);

        setup.GitHub.Minted.Should().Be(1);
    }

    [Fact]
    public async Task The_key_is_read_anew_for_each_token()
    {
        using var newKey = RSA.Create(2048);
        GitHubSetup? own = null;
        await using var setup = own = Setup(options => options.PrivateKey = _ => new(own!.GitHub.AppKey.ExportPkcs8PrivateKeyPem()));
        await setup.TriggerAsync();
        setup.GitHub.AppKey = newKey;
        setup.Time.Advance(TimeSpan.FromHours(1));

        await setup.Runner.TriggerAsync(GitHubSetup.Request());

        setup.GitHub.Minted.Should().Be(2);
    }

    [Fact]
    public async Task A_key_that_is_none_is_the_setup_and_is_not_shown()
    {
        await using var setup = Setup(static options => options.PrivateKey = static _ => new("-----BEGIN s3cret-----"));

        var act = () => setup.Runner.TriggerAsync(GitHubSetup.Request());

        (await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.ToString().Should().NotContain("s3cret");
    }

    [Fact]
    public async Task A_key_of_another_App_is_the_setup()
    {
        using var other = RSA.Create(2048);
        var pem = other.ExportRSAPrivateKeyPem();
        await using var setup = Setup(options => options.PrivateKey = _ => new(pem));

        await FluentActions.Awaiting(() => setup.Runner.TriggerAsync(GitHubSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>();
        setup.GitHub.Dispatches.Should().Be(0);
    }

    [Theory]
    [InlineData(502, false)]
    [InlineData(429, false)]
    [InlineData(404, true)]
    public async Task A_token_that_cannot_be_had_is_the_setup_or_transient(int status, bool isSetup)
    {
        await using var setup = Setup();
        setup.GitHub.Fail(static request => request.Path.EndsWith("/access_tokens", StringComparison.Ordinal), status == 502
            ? FakeReply.Html(status) : FakeReply.Json(status, GitHubAnswers.Error(status, "No")), stays: true);

        var act = () => setup.Runner.TriggerAsync(GitHubSetup.Request());

        var thrown = (await act.Should().ThrowAsync<BuildRunnerException>()).Which;
        (thrown is BuildRunnerConfigurationException, thrown.IsTransient).Should().Be((isSetup, !isSetup));
        setup.GitHub.Dispatches.Should().Be(0);
    }

    [Fact]
    public async Task A_token_is_asked_for_at_each_call()
    {
        var token = GitHubSetup.Token;
        await using GitHubSetup setup = new(configure: options => options.Token = _ => new(token));
        await setup.TriggerAsync();
        setup.GitHub.Tokens.Clear();
        setup.GitHub.Tokens["ghp_rotated"] = DateTimeOffset.MaxValue;
        token = "ghp_rotated";

        await setup.Runner.TriggerAsync(GitHubSetup.Request());

        setup.GitHub.Dispatches.Should().Be(2);
    }

    [Fact]
    public async Task No_secret_of_an_answer_is_in_an_exception()
    {
        await using var setup = Setup();
        await setup.TriggerAsync();
        var token = setup.GitHub.Tokens.Keys.Single(static known => known.StartsWith("ghs_", StringComparison.Ordinal));
        setup.GitHub.Fail(static request => request.Method == "POST",
            FakeReply.Json(422, GitHubAnswers.Error(422, $"You sent {token}, and that is wrong.")));

        var act = () => setup.Runner.TriggerAsync(GitHubSetup.Request());

        (await act.Should().ThrowAsync<BuildRunnerException>()).Which.ToString().Should().NotContain(token);
    }

    private static GitHubSetup Setup(Action<GitHubActionsBuildRunnerOptions>? configure = null)
    {
        GitHubSetup? setup = null;
        string? pem = null;
        return setup = new GitHubSetup(configure: options =>
        {
            (options.Token, options.AppId, options.InstallationId) = (null, FakeGitHub.AppId, FakeGitHub.InstallationId);
            options.PrivateKey = _ => new(pem ??= setup!.GitHub.AppKey.ExportRSAPrivateKeyPem());
            configure?.Invoke(options);
        });
    }
}
