using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitLab.Tests.Fixtures;

/// <summary>A fake in this process and a runner on it, by one clock.</summary>
internal sealed class GitLabSetup : IAsyncDisposable
{
    public const string Token = "glpat-a-token-of-the-tests";
    public const string TriggerToken = "glptt-a-trigger-token";

    private readonly List<ServiceProvider> _providers = [];
    private readonly Action<GitLabBuildRunnerOptions>? _configure;

    public GitLabSetup(Action<GitLabBuildRunnerOptions>? configure = null)
    {
        _configure = configure;
        GitLab = new FakeGitLab(Time);
        GitLab.Tokens[Token] = DateTimeOffset.MaxValue;
        GitLab.TriggerTokens.Add(TriggerToken);
        Runner = CreateRunner();
    }

    public HastyTime Time { get; } = new();

    public FakeGitLab GitLab { get; }

    public GitLabBuildRunner Runner { get; }

    public IBuildStatusReader Reader => Runner;

    public static BuildRequest Request(string kind = "RunsLong", string? key = null) =>
        new() { Head = [new Change($"test:{kind}/{Guid.NewGuid():N}")], TriggerKey = key };

    /// <summary>Another runner on the same GitLab, as after a restart.</summary>
    public GitLabBuildRunner CreateRunner(Action<GitLabBuildRunnerOptions>? configure = null)
    {
        var provider = new ServiceCollection().AddSingleton<TimeProvider>(Time).AddGitLabBuildRunner(options =>
        {
            (options.Url, options.Project) = (new Uri("https://gitlab.test"), GitLab.Project);
            options.Token = static _ => new(Token);
            options.CreateHandler = () => new FakeTransport(GitLab);
            (configure ?? _configure)?.Invoke(options);
        }).BuildServiceProvider();
        _providers.Add(provider);
        return provider.GetRequiredService<GitLabBuildRunner>();
    }

    /// <summary>A build that was triggered a while ago, with its pipeline.</summary>
    public async Task<(BuildId BuildId, FakePipeline Pipeline)> TriggerAsync(string kind = "RunsLong", string? key = null)
    {
        var buildId = await Runner.TriggerAsync(Request(kind, key));
        Time.Advance(TimeSpan.FromSeconds(10));
        return (buildId, GitLab.PipelineOf(buildId));
    }

    public int CountOf(string method, string end) => GitLab.Requests.Count(request => request.Method == method
        && request.Path.EndsWith(end, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }
    }
}
