using BuildRunner.Testing;
using BuildRunner.Tests;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>
/// The conformance kit against a fake in this process, as each GitHub that there is. What GitHub's specification has against a call fails
/// the case.
/// </summary>
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
    public Task The_runner_conforms_on_a_server_that_names_no_run(ConformanceCase conformanceCase) =>
        RunAsync(conformanceCase, FakeMode.Ghes319, TestContext.Current.CancellationToken);

    [Slow]
    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public Task The_runner_conforms_on_a_server_that_names_its_run(ConformanceCase conformanceCase) =>
        RunAsync(conformanceCase, FakeMode.Ghes321, TestContext.Current.CancellationToken);

    [Slow]
    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public Task The_runner_conforms_on_GitHub_with_the_newer_version_of_its_API(ConformanceCase conformanceCase) =>
        RunAsync(conformanceCase, FakeMode.V2026, TestContext.Current.CancellationToken);

    private Task RunAsync(ConformanceCase conformanceCase, FakeMode mode, CancellationToken cancellationToken)
    {
        FakeGitHub github = new(_time, mode);
        github.Tokens[GitHubSetup.Token] = DateTimeOffset.MaxValue;
        return RunAsync(conformanceCase, github, options =>
        {
            GitHubSetup.Address(options, mode);
            options.Token = static _ => new(GitHubSetup.Token);
        }, cancellationToken);
    }

    private async Task RunAsync(ConformanceCase conformanceCase, FakeGitHub github, Action<GitHubActionsBuildRunnerOptions> configure,
        CancellationToken cancellationToken)
    {
        var spec = Specification.Before(github);
        await using GitHubHarness harness = new(github, _time, spec, configure);

        var result = await conformanceCase.RunAsync(harness, cancellationToken);

        ConformancePage.Verify("GitHub", result, "A4: No credential is in a trace");
        Specification.Verify(spec, github);
    }
}
