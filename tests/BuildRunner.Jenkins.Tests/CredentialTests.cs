using System.Text;

namespace BuildRunner.Jenkins.Tests;

/// <summary>API tokens, which may be rotated, and passwords, which do not work.</summary>
public sealed class CredentialTests
{
    [Fact]
    public async Task A_token_that_was_rotated_is_asked_for_again_also_for_a_trigger()
    {
        await using JenkinsSetup setup = new();
        var tokens = new Queue<string>([JenkinsSetup.Token, "11b-the-old-token", "11c-the-new-token"]);
        setup.Jenkins.Tokens.Add("11c-the-new-token");
        var runner = setup.CreateRunner(options => options.ApiToken = _ => new(tokens.Dequeue()));

        await runner.TriggerAsync(JenkinsSetup.Request());

        tokens.Should().BeEmpty();
        setup.Jenkins.Creates.Should().Be(2, "a 401 proves that nothing was created");
        setup.Jenkins.Builds.Should().ContainSingle();
    }

    [Fact]
    public async Task The_token_goes_along_as_basic_authentication()
    {
        await using JenkinsSetup setup = new();

        await setup.Runner.TriggerAsync(JenkinsSetup.Request());

        var expected = $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{FakeJenkins.UserName}:{JenkinsSetup.Token}"))}";
        setup.Jenkins.Requests.Should().OnlyContain(request => request.Header("Authorization") == expected);
    }

    [Fact]
    public async Task A_password_is_refused_in_favour_of_a_token()
    {
        await using JenkinsSetup setup = new();
        var (buildId, build) = await setup.TriggerAsync();
        var runner = setup.CreateRunner(static options => options.ApiToken = static _ => new(FakeJenkins.Password));

        (await FluentActions.Awaiting(() => runner.TriggerAsync(JenkinsSetup.Request())).Should()
            .ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.Message.Should().Contain("API token");
        await FluentActions.Awaiting(() => runner.CancelAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerConfigurationException>();
        (await runner.StatusAsync(buildId)).Status.Should().Be(BuildStatus.Running, "a read needs no crumb");
        build.Stops.Should().BeEmpty();
        setup.Jenkins.Builds.Should().ContainSingle();
        setup.CountOf("GET", "/crumbIssuer/api/json").Should().Be(0);
    }

    [Fact]
    public async Task A_token_that_is_refused_is_the_setup_and_is_in_no_message()
    {
        await using JenkinsSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        const string Wrong = "11d-a-wrong-token";
        var runner = setup.CreateRunner(static options => options.ApiToken = static _ => new(Wrong));
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{FakeJenkins.UserName}:{Wrong}"));
        setup.Jenkins.Answer(static _ => true,
            (request, own) => own with { Body = $"{own.Body} {Wrong} {request.Header("Authorization")}" }, stays: true);

        foreach (var act in new Func<Task>[] { () => runner.StatusAsync(buildId), () => runner.CancelAsync(buildId),
            () => runner.FindAsync("key"), () => runner.TriggerAsync(new BuildRequest()), () => runner.OpenLogAsync(buildId) })
        {
            var text = (await act.Should().ThrowExactlyAsync<BuildRunnerConfigurationException>()).Which.ToString();

            text.Should().NotContain(Wrong).And.NotContain(encoded);
        }
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_proxy_that_asks_for_a_login_says_nothing_of_a_build(int status)
    {
        await using JenkinsSetup setup = new();
        var (buildId, _) = await setup.TriggerAsync();
        setup.Jenkins.Fail(static _ => true, FakeReply.Html(status).With("WWW-Authenticate", "Basic realm=\"Proxy\""), stays: true);

        (await FluentActions.Awaiting(() => setup.Runner.StatusAsync(buildId)).Should().ThrowExactlyAsync<BuildRunnerException>())
            .Which.IsTransient.Should().BeTrue();
    }
}
