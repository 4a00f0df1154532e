using BuildRunner.Http;
using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.GitLab.Tests.Fixtures;

/// <summary>The runner on a fake that lives by the same clock, each instance in a container of its own.</summary>
internal sealed class GitLabHarness : ConformanceHarness, IAsyncDisposable
{
    private readonly FakeGitLab _gitlab;
    private readonly FakeTimeProvider _time;
    private readonly Action<GitLabBuildRunnerOptions> _configure;
    private readonly List<ServiceProvider> _providers = [];
    private readonly FaultInjectingHandler _handler;
    private readonly bool _hasSockets;

    public GitLabHarness(FakeGitLab gitlab, FakeTimeProvider time, HttpMessageHandler transport, Action<GitLabBuildRunnerOptions> configure)
    {
        (_gitlab, _time, _configure) = (gitlab, time, configure);
        _handler = new(CallOf, transport);
        _hasSockets = transport is SocketsHttpHandler;
    }

    public override BuildRunnerCapabilities Capabilities => BuildRunnerCapabilities.All & ~BuildRunnerCapabilities.IdempotentTrigger;

    // A call that hangs: the clock moves on a second each time, and a busy machine may need many.
    public override int MaxWaits => 3000;

    public override BuildId UnknownBuildId => new("999999");

    public override IReadOnlyList<string> Secrets => [.. _gitlab.Tokens.Keys, .. _gitlab.TriggerTokens];

    public override IReadOnlyList<string> ActivitySourceNames => _hasSockets ? ["System.Net.Http"] : [];

    public override IBuildRunner CreateRunner()
    {
        var provider = new ServiceCollection().AddSingleton<TimeProvider>(_time).AddGitLabBuildRunner(options =>
        {
            options.Project = _gitlab.Project;
            options.Token = static _ => new(GitLabSetup.Token);
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

    public override Task<int?> CountCreatesAsync(CancellationToken cancellationToken) =>
        Task.FromResult<int?>(_gitlab.Pipelines.Count);

    public override Task<bool> SetUnheardOfStateAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        _gitlab.PipelineOf(buildId).Set(_time.GetUtcNow(), "pondering");
        return Task.FromResult(true);
    }

    public override Task<IReadOnlyList<Change>?> GetAppliedChangesAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var request = _gitlab.PipelineOf(buildId).Request!;
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

    // The backend marks its requests: a read that a cancel makes is a check, and not a read of Status.
    private static ConformanceCall? CallOf(HttpRequestMessage request) =>
        request.Options.GetValueOrDefault(HttpBackend.Operation.Key) switch
        {
            HttpOperations.Create => ConformanceCall.Trigger,
            HttpOperations.Read => ConformanceCall.Status,
            HttpOperations.Cancel => ConformanceCall.Cancel,
            _ => null,
        };
}
