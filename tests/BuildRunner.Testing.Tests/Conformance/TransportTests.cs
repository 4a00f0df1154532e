namespace BuildRunner.Testing.Tests;

/// <summary>A runner that sends each create once, over a transport that does not.</summary>
public sealed class TransportTests
{
    [Theory(Timeout = 600_000)]
    [InlineData(true, ConformanceOutcome.Passed)]
    [InlineData(false, ConformanceOutcome.Failed)]
    public async Task A_create_that_the_transport_sends_again_is_found(bool hasBody, ConformanceOutcome expected)
    {
        await using RawServer server = new(static _ => new RawReply(200));
        await using LossyTcpProxy proxy = new(new System.Net.DnsEndPoint(server.Address.Host, server.Address.Port));
        using HttpClient client = new() { BaseAddress = new Uri($"http://{proxy.EndPoint}/") };
        var conformanceCase = Conformance.Cases.Single(static each => each.Name == "T8: A lost answer does not create twice");

        var result = await conformanceCase.RunAsync(new HttpHarness(server, proxy, new HttpRunner(client, hasBody)), TestContext.Current.CancellationToken);

        (result.Outcome, result.EndedEarly).Should().Be((expected, false), "{0}", result.Reason);
    }

    private sealed class HttpRunner(HttpClient client, bool hasBody) : IBuildRunner
    {
        private int _number;

        public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
        {
            try
            {
                using var response = await client.PostAsync(new Uri("builds", UriKind.Relative), hasBody ? new StringContent("{}") : null, cancellationToken);
                return new BuildId($"{++_number}");
            }
            catch (HttpRequestException exception)
            {
                throw new TriggerOutcomeUnknownException("The answer was lost.", exception);
            }
        }

        public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) => Task.FromResult(new BuildSnapshot { Status = BuildStatus.Succeeded });

        public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => Task.CompletedTask;
    }

    private sealed class HttpHarness(RawServer server, LossyTcpProxy proxy, IBuildRunner runner) : ConformanceHarness
    {
        public override BuildRunnerCapabilities Capabilities => BuildRunnerCapabilities.None;

        public override IBuildRunner CreateRunner() => runner;

        public override async Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken) =>
            build == ConformanceBuild.Succeeds ? new BuildRequest { Head = [new Change($"my:{Guid.NewGuid()}")] } : null;

        // What is waited for is a call, and that comes back.
        public override Task WaitForCallAsync(Task running, CancellationToken cancellationToken) => Task.WhenAny(running).WaitAsync(cancellationToken);

        public override Task WaitAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override async Task<int?> CountCreatesAsync(CancellationToken cancellationToken) => server.CountOf("POST");

        public override async Task<ConformanceInjection?> InjectAsync(ConformanceFault fault, ConformanceCall failingCall, CancellationToken cancellationToken) =>
            (fault, failingCall) is (ConformanceFault.AnswerLost, ConformanceCall.Trigger) ? proxy.LoseAnswer("POST /builds") : null;
    }
}
