using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitHubActions.Tests.Fixtures;

internal sealed class GitHubHarness(
    FakeGitHub github, FakeTimeProvider time, HttpMessageHandler transport, Action<GitHubActionsBuildRunnerOptions> configure)
    : FakeHarness(time, transport)
{
    public override BuildRunnerCapabilities Capabilities =>
        BuildRunnerCapabilities.RunsBuilds | BuildRunnerCapabilities.KnowsItsBuilds | BuildRunnerCapabilities.Durable
        | BuildRunnerCapabilities.FindsByKey;

    public override BuildId UnknownBuildId => new("999999");

    public override IReadOnlyList<string> Secrets => [.. github.Tokens.Keys];

    protected override int Builds => github.Runs.Count;

    protected override void Register(IServiceCollection services) => services.AddGitHubActionsBuildRunner(options =>
    {
        (options.Owner, options.Repository, options.Workflow) = (github.Owner, github.Repository, FakeGitHub.WorkflowFile);
        configure(options);
    });

    protected override BuildRequest RequestOf(BuildId buildId) => github.RunOf(buildId).Request!;

    protected override void Ponder(BuildId buildId, DateTimeOffset now) => github.RunOf(buildId).Set(now, "pondering");

    // A dispatch that an old server refuses, because it asks for its run, is no create.
    protected override ConformanceCall? CallOf(HttpRequestMessage request) =>
        base.CallOf(request) is { } call && (call != ConformanceCall.Trigger || github.Mode != FakeMode.Ghes319 || !Ask(request))
            ? call : null;

    // It is in memory.
    private static bool Ask(HttpRequestMessage request) =>
        request.Content!.ReadAsStringAsync(CancellationToken.None).GetAwaiter().GetResult()
            .Contains("return_run_details", StringComparison.Ordinal);
}
