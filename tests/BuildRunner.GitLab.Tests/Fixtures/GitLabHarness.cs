using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitLab.Tests.Fixtures;

internal sealed class GitLabHarness(
    FakeGitLab gitlab, FakeTimeProvider time, HttpMessageHandler transport, Action<GitLabBuildRunnerOptions> configure)
    : FakeHarness(time, transport)
{
    public override BuildId UnknownBuildId => new("999999");

    public override IReadOnlyList<string> Secrets => [.. gitlab.Tokens.Keys, .. gitlab.TriggerTokens];

    protected override int Builds => gitlab.Pipelines.Count;

    protected override void Register(IServiceCollection services) => services.AddGitLabBuildRunner(options =>
    {
        options.Project = gitlab.Project;
        options.Token = static _ => new(GitLabSetup.Token);
        configure(options);
    });

    protected override BuildRequest RequestOf(BuildId buildId) => gitlab.PipelineOf(buildId).Request!;

    protected override void Ponder(BuildId buildId, DateTimeOffset now) => gitlab.PipelineOf(buildId).Set(now, "pondering");
}
