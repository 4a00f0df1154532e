using BuildRunner.Testing;
using BuildRunner.Tests;

namespace BuildRunner.GitLab.Tests;

/// <summary>The conformance kit against a fake in this process.</summary>
public sealed class GitLabConformanceTests
{
    private readonly FakeTimeProvider _time = new();

    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public Task The_runner_conforms_with_one_token(ConformanceCase conformanceCase) =>
        RunAsync(conformanceCase, static _ => { }, TestContext.Current.CancellationToken);

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public Task The_runner_conforms_with_a_trigger_token(ConformanceCase conformanceCase) => RunAsync(
        conformanceCase, static options => options.TriggerToken = static _ => new(GitLabSetup.TriggerToken),
        TestContext.Current.CancellationToken);

    private async Task RunAsync(
        ConformanceCase conformanceCase, Action<GitLabBuildRunnerOptions> configure, CancellationToken cancellationToken)
    {
        FakeGitLab gitlab = new(_time);
        gitlab.Tokens[GitLabSetup.Token] = DateTimeOffset.MaxValue;
        gitlab.TriggerTokens.Add(GitLabSetup.TriggerToken);
        await using GitLabHarness harness = new(gitlab, _time, new FakeTransport(gitlab), configure);

        var result = await conformanceCase.RunAsync(harness, cancellationToken);

        ConformancePage.Verify("GitLab", result, "A4: No credential is in a trace");
    }
}
