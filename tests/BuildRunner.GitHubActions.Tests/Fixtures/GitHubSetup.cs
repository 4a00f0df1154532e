using BuildRunner.Http;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitHubActions.Tests.Fixtures;

/// <summary>A fake in this process and a runner on it, by one clock.</summary>
internal sealed class GitHubSetup : IAsyncDisposable
{
    public const string Token = "ghp_a-token-of-the-tests";

    private readonly List<ServiceProvider> _providers = [];
    private readonly FakeMode _mode;
    private readonly Action<GitHubActionsBuildRunnerOptions>? _configure;
    private readonly Func<HttpMessageHandler, HttpMessageHandler> _wrap;

    /// <summary>Initializes a new instance of the <see cref="GitHubSetup"/> class.</summary>
    /// <param name="mode">Which GitHub it is.</param>
    /// <param name="configure">Sets what differs from the usual options.</param>
    /// <param name="wrap">Puts something before the fake, such as what holds requests and answers against a specification.</param>
    public GitHubSetup(
        FakeMode mode = FakeMode.GitHub,
        Action<GitHubActionsBuildRunnerOptions>? configure = null,
        Func<HttpMessageHandler, HttpMessageHandler>? wrap = null)
    {
        (_mode, _configure, _wrap) = (mode, configure, wrap ?? (static handler => handler));
        GitHub = new FakeGitHub(Time, mode);
        GitHub.Tokens[Token] = DateTimeOffset.MaxValue;
        Runner = CreateRunner();
    }

    public HastyTime Time { get; } = new();

    public FakeGitHub GitHub { get; }

    public GitHubActionsBuildRunner Runner { get; }

    public IBuildStatusReader Reader => Runner;

    /// <summary>Gets the requests since the last look at them, each as method and path.</summary>
    public IReadOnlyList<string> Paths => [.. GitHub.Requests.Select(static request => $"{request.Method} {request.Path}")];

    public static BuildRequest Request(string kind = "RunsLong", string? key = null) =>
        new() { Head = [new Change($"test:{kind}/{Guid.NewGuid():N}")], TriggerKey = key };

    /// <summary>Another runner on the same GitHub, as after a restart.</summary>
    public GitHubActionsBuildRunner CreateRunner(Action<GitHubActionsBuildRunnerOptions>? configure = null)
    {
        var provider = new ServiceCollection().AddSingleton<TimeProvider>(Time).AddGitHubActionsBuildRunner(options =>
        {
            options.ApiUrl = new Uri(_mode is FakeMode.Ghes319 or FakeMode.Ghes321 ? "https://ghe.test/api/v3" : "https://api.github.test");
            options.ApiVersion = _mode == FakeMode.V2026 ? "2026-03-10" : options.ApiVersion;
            (options.Owner, options.Repository, options.Workflow) = (GitHub.Owner, GitHub.Repository, FakeGitHub.WorkflowFile);
            options.Token = static _ => new(Token);
            options.CreateHandler = () => _wrap(new FakeTransport(GitHub));
            (configure ?? _configure)?.Invoke(options);
        }).BuildServiceProvider();
        _providers.Add(provider);
        return provider.GetRequiredService<GitHubActionsBuildRunner>();
    }

    /// <summary>A build that was triggered a while ago, with its run.</summary>
    public async Task<(BuildId BuildId, FakeRun Run)> TriggerAsync(string kind = "RunsLong", string? key = null)
    {
        var buildId = await Runner.TriggerAsync(Request(kind, key));
        Time.Advance(TimeSpan.FromSeconds(10));
        return (buildId, GitHub.RunOf(buildId));
    }

    public int CountOf(string method, string end) => GitHub.Requests.Count(request => request.Method == method
        && request.Path.EndsWith(end, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }
    }
}
