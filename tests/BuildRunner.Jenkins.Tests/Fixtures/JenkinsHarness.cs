using BuildRunner.Http;
using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Jenkins.Tests.Fixtures;

/// <summary>The runner on a fake that lives by the same clock, each instance in a container of its own.</summary>
internal sealed class JenkinsHarness : ConformanceHarness, IAsyncDisposable
{
    private readonly FakeJenkins _jenkins;
    private readonly FakeTimeProvider _time;
    private readonly Uri _address;
    private readonly List<ServiceProvider> _providers = [];
    private readonly FaultInjectingHandler _handler;
    private readonly bool _hasSockets;

    public JenkinsHarness(FakeJenkins jenkins, FakeTimeProvider time, HttpMessageHandler transport, Uri address)
    {
        (_jenkins, _time, _address) = (jenkins, time, address);
        _handler = new(CallOf, transport);
        _hasSockets = transport is SocketsHttpHandler;
    }

    public override BuildRunnerCapabilities Capabilities => BuildRunnerCapabilities.All & ~BuildRunnerCapabilities.IdempotentTrigger;

    // A call that hangs: the clock moves on a second each time, and a busy machine may need many.
    public override int MaxWaits => 3000;

    public override BuildId UnknownBuildId => new("999999-0b5e2a9c7d8f4e3a");

    public override IReadOnlyList<string> Secrets => [JenkinsSetup.Token];

    public override IReadOnlyList<string> ActivitySourceNames => _hasSockets ? ["System.Net.Http"] : [];

    public override IBuildRunner CreateRunner()
    {
        var provider = new ServiceCollection().AddSingleton<TimeProvider>(_time).AddJenkinsBuildRunner(options =>
        {
            (options.Url, options.Job, options.UserName) = (_address, _jenkins.Job, FakeJenkins.UserName);
            options.ApiToken = static _ => new(JenkinsSetup.Token);
            options.CreateHandler = () => new MarkingHandler(_handler);
            options.CallTimeout = TimeSpan.FromMinutes(10);
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

    public override Task<int?> CountCreatesAsync(CancellationToken cancellationToken) => Task.FromResult<int?>(_jenkins.Builds.Count);

    public override Task<bool> SetUnheardOfStateAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var build = _jenkins.BuildOf(buildId);
        build.LeavesAt = _time.GetUtcNow();
        build.Set(building: false, inProgress: false, "PONDERED");
        return Task.FromResult(true);
    }

    public override Task<IReadOnlyList<Change>?> GetAppliedChangesAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var request = _jenkins.BuildOf(buildId).Request!;
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
