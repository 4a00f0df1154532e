using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Buildkite.Tests.Fixtures;

/// <summary>A fake in this process and a runner on it, by one clock.</summary>
internal sealed class BuildkiteSetup : IAsyncDisposable
{
    public const string Token = "bkua_a-token-of-the-tests";

    public static readonly string[] Scopes = ["read_builds", "write_builds", "read_build_logs"];

    private readonly List<ServiceProvider> _providers = [];
    private readonly Action<BuildkiteBuildRunnerOptions>? _configure;

    public BuildkiteSetup(Action<BuildkiteBuildRunnerOptions>? configure = null)
    {
        _configure = configure;
        Buildkite = new FakeBuildkite(Time) { Limits = (100_000, 100_000) };
        Buildkite.Tokens[Token] = Scopes;
        Runner = CreateRunner();
    }

    public HastyTime Time { get; } = new();

    public FakeBuildkite Buildkite { get; }

    public BuildkiteBuildRunner Runner { get; }

    public IBuildStatusReader Reader => Runner;

    public static BuildRequest Request(string kind = "RunsLong", string? key = null) =>
        new() { Head = [new Change($"test:{kind}/{Guid.NewGuid():N}")], TriggerKey = key };

    /// <summary>Another runner on the same Buildkite, as after a restart.</summary>
    public BuildkiteBuildRunner CreateRunner(Action<BuildkiteBuildRunnerOptions>? configure = null)
    {
        var provider = new ServiceCollection().AddSingleton<TimeProvider>(Time).AddBuildkiteBuildRunner(options =>
        {
            options.ApiUrl = new Uri("https://api.buildkite.test/v2");
            (options.Organization, options.Pipeline) = (Buildkite.Organization, Buildkite.Pipeline);
            options.Token = static _ => new(Token);
            options.CreateHandler = () => new FakeTransport(Buildkite);
            (configure ?? _configure)?.Invoke(options);
        }).BuildServiceProvider();
        _providers.Add(provider);
        return provider.GetRequiredService<BuildkiteBuildRunner>();
    }

    /// <summary>A build that was triggered a while ago.</summary>
    public async Task<(BuildId BuildId, FakeBuild Build)> TriggerAsync(string kind = "RunsLong", string? key = null)
    {
        var buildId = await Runner.TriggerAsync(Request(kind, key));
        Time.Advance(TimeSpan.FromSeconds(10));
        return (buildId, Buildkite.BuildOf(buildId));
    }

    /// <summary>Counts the requests whose method and address, without what precedes the builds, begin so.</summary>
    public int CountOf(string start) => Buildkite.Requests
        .Select(request => $"{request.Method} {request.Address.PathAndQuery.Split($"/{Buildkite.Pipeline}/")[^1]}")
        .Count(request => request.StartsWith(start, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }
    }
}
