using BuildRunner.Http;
using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Buildbot.Tests.Fixtures;

/// <summary>The runner on a real master, each instance in a container of its own.</summary>
internal sealed class BuildbotHarness : ConformanceHarness, IAsyncDisposable
{
    private readonly BuildbotServer _server;
    private readonly UnreliableProxy? _proxy;
    private readonly List<ServiceProvider> _providers = [];
    private readonly WatchingHandler _transport;
    private readonly FaultInjectingHandler _handler;

    public BuildbotHarness(BuildbotServer server, UnreliableProxy? proxy = null)
    {
        _server = server;
        _proxy = proxy;
        _transport = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        _handler = new(CallOf, _transport);
    }

    /// <summary>Gets how many creates the transport was given, however often it sent them.</summary>
    public int Creates => _transport.Creates;

    public override BuildRunnerCapabilities Capabilities =>
        BuildRunnerCapabilities.RunsBuilds | BuildRunnerCapabilities.KnowsItsBuilds | BuildRunnerCapabilities.Durable
        | BuildRunnerCapabilities.EchoesMetadata | BuildRunnerCapabilities.FindsByKey;

    public override int MaxWaits => 1200;

    public override int ParallelCalls => 6;

    public override BuildId UnknownBuildId => new("999999");

    public override IReadOnlyList<string> Secrets => [MasterLogin.Password, .. _transport.Sessions];

    public override IReadOnlyList<string> ActivitySourceNames => ["System.Net.Http"];

    public override IBuildRunner CreateRunner()
    {
        var provider = new ServiceCollection().AddBuildbotBuildRunner(options =>
        {
            options.Url = _proxy?.Url ?? _server.Url;
            options.Builder = "verify";
            options.UserName = MasterLogin.UserName;
            options.Password = static _ => new(MasterLogin.Password);
            options.CreateHandler = () => _handler;
        }).BuildServiceProvider();
        _providers.Add(provider);
        return provider.GetRequiredService<IBuildRunner>();
    }

    public override Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken)
    {
        var uri = build == ConformanceBuild.Rejected ? $"test:{new string('x', 70_000)}" : $"test:{build}/{Guid.NewGuid():N}";
        return Task.FromResult<BuildRequest?>(build == ConformanceBuild.IgnoresCancel ? null : new BuildRequest { Head = [new Change(uri)] });
    }

    public override Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(100, cancellationToken);

    public override async Task<int?> CountCreatesAsync(CancellationToken cancellationToken) => await _server.CountBuildRequestsAsync();

    public override Task<ConformanceInjection?> InjectAsync(ConformanceFault fault, ConformanceCall failingCall, CancellationToken cancellationToken) =>
        Task.FromResult<ConformanceInjection?>(_proxy is not null && (fault, failingCall) == (ConformanceFault.AnswerLost, ConformanceCall.Trigger)
            ? _proxy.LoseNextCreate()
            : _handler.Inject(fault, failingCall, InjectedRetryAfter));

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }
    }

    /// <summary>Starts the master that the harness is for.</summary>
    public static Task<BuildbotServer> StartServerAsync() =>
        BuildbotServer.StartAsync(MasterLogin.Configuration, (MasterLogin.UserName, MasterLogin.Password), workers: 4);

    private static ConformanceCall? CallOf(HttpRequestMessage request) => request.Options.TryGetValue(HttpBackend.Operation, out var operation)
        ? operation switch
        {
            HttpOperations.Create => ConformanceCall.Trigger,
            HttpOperations.Cancel => ConformanceCall.Cancel,
            HttpOperations.Read when request.RequestUri!.AbsolutePath.StartsWith("/api/v2/buildrequests", StringComparison.Ordinal) => ConformanceCall.Status,
            _ => null,
        }
        : null;
}
