using BuildRunner.Http;
using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitHubActions.Tests.Fixtures;

/// <summary>The runner on a fake that lives by the same clock, each instance in a container of its own.</summary>
internal sealed class GitHubHarness : ConformanceHarness, IAsyncDisposable
{
    private readonly FakeGitHub _github;
    private readonly FakeTimeProvider _time;
    private readonly Action<GitHubActionsBuildRunnerOptions> _configure;
    private readonly List<ServiceProvider> _providers = [];
    private readonly FaultInjectingHandler _handler;
    private readonly bool _hasSockets;

    public GitHubHarness(FakeGitHub github, FakeTimeProvider time, HttpMessageHandler transport,
        Action<GitHubActionsBuildRunnerOptions> configure)
    {
        (_github, _time, _configure) = (github, time, configure);
        _handler = new(CallOf, transport);
        _hasSockets = transport is SocketsHttpHandler;
    }

    public override BuildRunnerCapabilities Capabilities =>
        BuildRunnerCapabilities.RunsBuilds | BuildRunnerCapabilities.KnowsItsBuilds | BuildRunnerCapabilities.Durable
        | BuildRunnerCapabilities.FindsByKey;

    // A call that hangs: the clock moves on a second each time, and a busy machine may need many.
    public override int MaxWaits => 3000;

    public override BuildId UnknownBuildId => new("999999");

    public override IReadOnlyList<string> Secrets => [.. _github.Tokens.Keys];

    public override IReadOnlyList<string> ActivitySourceNames => _hasSockets ? ["System.Net.Http"] : [];

    public override IBuildRunner CreateRunner()
    {
        var provider = new ServiceCollection().AddSingleton<TimeProvider>(_time).AddGitHubActionsBuildRunner(options =>
        {
            (options.Owner, options.Repository, options.Workflow) = (_github.Owner, _github.Repository, FakeGitHub.WorkflowFile);
            options.CreateHandler = () => _handler;
            options.CallTimeout = TimeSpan.FromMinutes(10);
            _configure(options);
        }).BuildServiceProvider();
        _providers.Add(provider);
        return provider.GetRequiredService<IBuildRunner>();
    }

    // What becomes of a build is written into its change.
    public override Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken) =>
        Task.FromResult<BuildRequest?>(new BuildRequest { Head = [new Change($"test:{build}/{Guid.NewGuid():N}")] });

    public override Task WaitAsync(CancellationToken cancellationToken)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return Task.CompletedTask;
    }

    public override Task<int?> CountCreatesAsync(CancellationToken cancellationToken) => Task.FromResult<int?>(_github.Runs.Count);

    public override Task<bool> SetUnheardOfStateAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        _github.RunOf(buildId).Set(_time.GetUtcNow(), "pondering");
        return Task.FromResult(true);
    }

    public override Task<IReadOnlyList<Change>?> GetAppliedChangesAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var request = _github.RunOf(buildId).Request!;
        return Task.FromResult<IReadOnlyList<Change>?>([.. request.Base, .. request.Head]);
    }

    public override Task<ConformanceInjection?> InjectAsync(ConformanceFault fault, ConformanceCall failingCall,
        CancellationToken cancellationToken) =>
        Task.FromResult<ConformanceInjection?>(_handler.Inject(fault, failingCall, InjectedRetryAfter));

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }
    }

    // The backend marks its requests: a read that a cancel makes is a check, and not a read of Status. A dispatch that an old server
    // refuses, because it asks for its run, is no create.
    private ConformanceCall? CallOf(HttpRequestMessage request) => request.Options.GetValueOrDefault(HttpBackend.Operation.Key) switch
    {
        HttpOperations.Create => _github.Mode == FakeMode.Ghes319 && Ask(request) ? null : ConformanceCall.Trigger,
        HttpOperations.Read => ConformanceCall.Status,
        HttpOperations.Cancel => ConformanceCall.Cancel,
        _ => null,
    };

    // It is in memory.
    private static bool Ask(HttpRequestMessage request) =>
        request.Content!.ReadAsStringAsync(CancellationToken.None).GetAwaiter().GetResult()
            .Contains("return_run_details", StringComparison.Ordinal);
}
