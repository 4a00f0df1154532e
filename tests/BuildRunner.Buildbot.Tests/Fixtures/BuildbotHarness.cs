using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Buildbot.Tests.Fixtures;

/// <summary>The runner on a real master, each instance in a container of its own.</summary>
internal sealed class BuildbotHarness(BuildbotServer server, UnreliableProxy? proxy = null) : ConformanceHarness, IAsyncDisposable
{
    private readonly List<ServiceProvider> _providers = [];
    private readonly FaultInjectingHandler _handler = new(CallOf, new SocketsHttpHandler { AllowAutoRedirect = false });

    public override BuildRunnerCapabilities Capabilities =>
        BuildRunnerCapabilities.RunsBuilds | BuildRunnerCapabilities.KnowsItsBuilds | BuildRunnerCapabilities.Durable
        | BuildRunnerCapabilities.EchoesMetadata | BuildRunnerCapabilities.FindsByKey;

    public override int MaxWaits => 1200;

    public override int ParallelCalls => 6;

    public override BuildId UnknownBuildId => new("999999");

    public override IBuildRunner CreateRunner()
    {
        var provider = new ServiceCollection().AddBuildbotRunner(options =>
        {
            options.Url = proxy?.Url ?? server.Url;
            options.Builder = "verify";
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

    public override async Task<int?> CountCreatesAsync(CancellationToken cancellationToken) => await server.CountBuildRequestsAsync();

    public override Task<ConformanceInjection?> InjectAsync(ConformanceFault fault, ConformanceCall failingCall, CancellationToken cancellationToken) =>
        Task.FromResult<ConformanceInjection?>(proxy is not null && (fault, failingCall) == (ConformanceFault.AnswerLost, ConformanceCall.Trigger)
            ? proxy.LoseNextCreate()
            : _handler.Inject(fault, failingCall, InjectedRetryAfter));

    public async ValueTask DisposeAsync()
    {
        foreach (var provider in _providers)
        {
            await provider.DisposeAsync();
        }
    }

    private static ConformanceCall? CallOf(HttpRequestMessage request) => (request.Method.Method, request.RequestUri!.AbsolutePath) switch
    {
        ("POST", "/api/v2/forceschedulers/force") => ConformanceCall.Trigger,
        ("POST", var path) when path.StartsWith("/api/v2/buildrequests/", StringComparison.Ordinal) => ConformanceCall.Cancel,
        ("GET", var path) when path.StartsWith("/api/v2/buildrequests", StringComparison.Ordinal) && !request.RequestUri.Query.Contains("buildsetid", StringComparison.Ordinal) => ConformanceCall.Status,
        _ => null,
    };
}
