using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Jenkins.Tests.Fixtures;

/// <summary>A fake in this process and a runner on it, by one clock.</summary>
internal sealed class JenkinsSetup : IAsyncDisposable
{
    public const string Token = "11a-token-of-the-tests";

    private readonly List<ServiceProvider> _providers = [];
    private readonly Action<JenkinsBuildRunnerOptions>? _configure;

    public JenkinsSetup(Action<JenkinsBuildRunnerOptions>? configure = null, string job = "team/verify")
    {
        _configure = configure;
        Jenkins = new FakeJenkins(Time) { Job = job };
        Jenkins.Tokens.Add(Token);
        Runner = CreateRunner();
    }

    public HastyTime Time { get; } = new();

    public FakeJenkins Jenkins { get; }

    public JenkinsBuildRunner Runner { get; }

    public IBuildStatusReader Reader => Runner;

    public IReadOnlyList<string> Paths => [.. Jenkins.Requests.Select(static request => $"{request.Method} {request.Path}")];

    public static BuildRequest Request(string kind = "RunsLong", string? key = null) =>
        new() { Head = [new Change($"test:{kind}/{Guid.NewGuid():N}")], TriggerKey = key };

    /// <summary>Another runner on the same controller, as after a restart.</summary>
    public JenkinsBuildRunner CreateRunner(Action<JenkinsBuildRunnerOptions>? configure = null)
    {
        var provider = new ServiceCollection().AddSingleton<TimeProvider>(Time).AddJenkinsBuildRunner(options =>
        {
            (options.Url, options.Job, options.UserName) = (new Uri("https://ci.test/"), Jenkins.Job, FakeJenkins.UserName);
            options.ApiToken = static _ => new(Token);
            options.CreateHandler = () => new FakeTransport(Jenkins);
            (configure ?? _configure)?.Invoke(options);
        }).BuildServiceProvider();
        _providers.Add(provider);
        return provider.GetRequiredService<JenkinsBuildRunner>();
    }

    /// <summary>A build that was triggered a while ago, and runs unless its kind is another.</summary>
    public async Task<(BuildId BuildId, FakeBuild Build)> TriggerAsync(string kind = "RunsLong", string? key = null)
    {
        var buildId = await Runner.TriggerAsync(Request(kind, key));
        Time.Advance(TimeSpan.FromSeconds(10));
        return (buildId, Jenkins.BuildOf(buildId));
    }

    public int CountOf(string method, string end) => Jenkins.Requests.Count(request => request.Method == method
        && request.Path.EndsWith(end, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }
    }
}
