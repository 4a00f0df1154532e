using BuildRunner.Http;
using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace BuildRunner.Fakes;

/// <summary>A runner on a fake that lives by the same clock, each instance in a container of its own.</summary>
internal abstract class FakeHarness : ConformanceHarness, IAsyncDisposable
{
    private readonly FakeTimeProvider _time;
    private readonly List<ServiceProvider> _providers = [];
    private readonly FaultInjectingHandler _handler;
    private readonly bool _hasSockets;

    protected FakeHarness(FakeTimeProvider time, HttpMessageHandler transport)
    {
        _time = time;
        _handler = new(request => CallOf(request), transport);
        _hasSockets = transport is SocketsHttpHandler;
    }

    public override BuildRunnerCapabilities Capabilities => BuildRunnerCapabilities.All & ~BuildRunnerCapabilities.IdempotentTrigger;

    // A call that hangs: the clock moves on a second each time, and a busy machine may need many.
    public override int MaxWaits => 3000;

    public override IReadOnlyList<string> ActivitySourceNames => _hasSockets ? ["System.Net.Http"] : [];

    /// <summary>Gets how many builds there are at the service.</summary>
    protected abstract int Builds { get; }

    public override IBuildRunner CreateRunner()
    {
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(_time);
        Register(services);
        var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<HttpBuildRunnerOptions>();
        options.CreateHandler = () => Wrap(_handler);
        options.CallTimeout = TimeSpan.FromMinutes(10);
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

    public override Task<int?> CountCreatesAsync(CancellationToken cancellationToken) => Task.FromResult<int?>(Builds);

    public override Task<bool> SetUnheardOfStateAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        Ponder(buildId, _time.GetUtcNow());
        return Task.FromResult(true);
    }

    public override Task<IReadOnlyList<Change>?> GetAppliedChangesAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var request = RequestOf(buildId);
        return Task.FromResult<IReadOnlyList<Change>?>([.. request.Base, .. request.Head]);
    }

    public override Task<ConformanceInjection?> InjectAsync(
        ConformanceFault fault, ConformanceCall failingCall, CancellationToken cancellationToken) =>
        Task.FromResult<ConformanceInjection?>(_handler.Inject(fault, failingCall, InjectedRetryAfter));

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }
    }

    /// <summary>Adds the runner, with the options of the service.</summary>
    protected abstract void Register(IServiceCollection services);

    /// <summary>Gets what a build was asked for.</summary>
    protected abstract BuildRequest RequestOf(BuildId buildId);

    /// <summary>Gives a build a state that nobody has heard of.</summary>
    protected abstract void Ponder(BuildId buildId, DateTimeOffset now);

    protected virtual HttpMessageHandler Wrap(HttpMessageHandler handler) => handler;

    // The backend marks its requests: a read that a cancel makes is a check, and not a read of Status.
    protected virtual ConformanceCall? CallOf(HttpRequestMessage request) =>
        request.Options.GetValueOrDefault(HttpBackend.Operation.Key) switch
        {
            HttpOperations.Create => ConformanceCall.Trigger,
            HttpOperations.Read => ConformanceCall.Status,
            HttpOperations.Cancel => ConformanceCall.Cancel,
            _ => null,
        };
}
