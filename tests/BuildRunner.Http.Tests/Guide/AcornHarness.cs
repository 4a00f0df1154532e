using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using BuildRunner;
using BuildRunner.Http;
using BuildRunner.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Acorn.Tests;

/// <summary>Runs the runner against the test's Acorn, which uses the same clock.</summary>
public class AcornHarness(Uri address, string token, FakeTimeProvider time) : ConformanceHarness, IAsyncDisposable
{
    private readonly FaultInjectingHandler _transport = new(CallOf, new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly List<ServiceProvider> _instances = [];

    public override BuildRunnerCapabilities Capabilities =>
        BuildRunnerCapabilities.All & ~BuildRunnerCapabilities.IdempotentTrigger;

    public override BuildId UnknownBuildId => new("999999");

    public override IReadOnlyList<string> Secrets => [token];

    public override IReadOnlyList<string> ActivitySourceNames => ["System.Net.Http"];

    // For hanging calls: each wait advances the clock by a second, and a busy machine may need many.
    public override int MaxWaits => 3000;

    public override IBuildRunner CreateRunner()
    {
        _instances.Add(new ServiceCollection().AddSingleton<TimeProvider>(time).AddAcornRunner(options =>
        {
            (options.Url, options.Token) = (address, _ => new(token));
            (options.CreateHandler, options.CallTimeout) = (() => _transport, TimeSpan.FromMinutes(10));
        }).BuildServiceProvider());
        return _instances[^1].GetRequiredService<IBuildRunner>();
    }

    // The change contains the outcome of the build.
    public override async Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken) =>
        new BuildRequest { Head = [new Change($"acorn:{build}/{Guid.NewGuid():N}")] };

    public override async Task WaitAsync(CancellationToken cancellationToken) => time.Advance(TimeSpan.FromSeconds(1));

    public override async Task<int?> CountCreatesAsync(CancellationToken cancellationToken)
    {
        using HttpClient client = new() { DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        return JsonNode.Parse(await client.GetStringAsync(new Uri(address, "runs"), cancellationToken))!["runs"]!.AsArray().Count;
    }

    public override async Task<ConformanceInjection?> InjectAsync(ConformanceFault fault, ConformanceCall failingCall, CancellationToken cancellationToken) =>
        _transport.Inject(fault, failingCall, InjectedRetryAfter);

    public async ValueTask DisposeAsync()
    {
        foreach (var instance in _instances)
        {
            await instance.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    // The backend marks its requests: the read before a cancel is a check, not a read of Status.
    private static ConformanceCall? CallOf(HttpRequestMessage request) => request.Options.TryGetValue(HttpBackend.Operation, out var operation)
        ? operation switch { HttpOperations.Create => ConformanceCall.Trigger, HttpOperations.Read => ConformanceCall.Status, HttpOperations.Cancel => ConformanceCall.Cancel, _ => null }
        : null;
}
