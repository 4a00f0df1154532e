using BuildRunner.Testing;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>The conformance kit against a fake in this process: github.com as an App, and a server that names no run.</summary>
public sealed class GitHubConformanceTests
{
    private readonly FakeTimeProvider _time = new();

    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public async Task The_runner_conforms_on_GitHub_as_an_App(ConformanceCase conformanceCase)
    {
        FakeGitHub github = new(_time);
        var pem = github.AppKey.ExportPkcs8PrivateKeyPem();

        await RunAsync(conformanceCase, github, options =>
        {
            (options.AppId, options.InstallationId) = (FakeGitHub.AppId, FakeGitHub.InstallationId);
            options.PrivateKey = _ => new(pem);
        }, TestContext.Current.CancellationToken);
    }

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public async Task The_runner_conforms_on_a_server_that_names_no_run(ConformanceCase conformanceCase)
    {
        FakeGitHub github = new(_time, FakeMode.Ghes319);
        github.Tokens[GitHubSetup.Token] = DateTimeOffset.MaxValue;

        await RunAsync(conformanceCase, github, static options =>
        {
            options.ApiUrl = new Uri("https://ghe.test/api/v3/");
            options.Token = static _ => new(GitHubSetup.Token);
        }, TestContext.Current.CancellationToken);
    }

    private async Task RunAsync(ConformanceCase conformanceCase, FakeGitHub github, Action<GitHubActionsBuildRunnerOptions> configure,
        CancellationToken cancellationToken)
    {
        await using GitHubHarness harness = new(github, _time, new FakeTransport(github), configure);

        var result = await conformanceCase.RunAsync(harness, cancellationToken);

        result.Outcome.Should().Be(ConformanceExpectations.OutcomeOf(conformanceCase, hasSockets: false), "{0}", result.Reason);
    }
}
