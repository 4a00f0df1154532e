using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitLab.Tests.Fixtures;

internal sealed class GitLabSetup : FakeSetup<GitLabBuildRunner, GitLabBuildRunnerOptions>
{
    public const string Token = "glpat-a-token-of-the-tests";
    public const string TriggerToken = "glptt-a-trigger-token";

    public GitLabSetup(Action<GitLabBuildRunnerOptions>? configure = null)
        : base(configure)
    {
        GitLab = new FakeGitLab(Time);
        GitLab.Tokens[Token] = DateTimeOffset.MaxValue;
        GitLab.TriggerTokens.Add(TriggerToken);
    }

    public FakeGitLab GitLab { get; }

    protected override HttpMessageHandler Transport => new FakeTransport(GitLab);

    /// <summary>A build that was triggered a while ago, with its pipeline.</summary>
    public async Task<(BuildId BuildId, FakePipeline Pipeline)> TriggerAsync(string kind = "RunsLong", string? key = null)
    {
        var buildId = await Runner.TriggerAsync(Request(kind, key));
        Time.Advance(TimeSpan.FromSeconds(10));
        return (buildId, GitLab.PipelineOf(buildId));
    }

    public int CountOf(string method, string end) => GitLab.Requests.Count(request => request.Method == method
        && request.Path.EndsWith(end, StringComparison.Ordinal));

    protected override void Register(IServiceCollection services, Action<GitLabBuildRunnerOptions> configure) =>
        services.AddGitLabBuildRunner(configure);

    protected override void Configure(GitLabBuildRunnerOptions options)
    {
        (options.Url, options.Project) = (new Uri("https://gitlab.test"), GitLab.Project);
        options.Token = static _ => new(Token);
    }
}
