using BuildRunner.Testing;
using BuildRunner.Tests;

namespace BuildRunner.Buildkite.Tests;

/// <summary>The conformance kit against a fake behind real sockets.</summary>
[Slow]
public sealed class BuildkiteSocketConformanceTests(BuildkiteSocketConformanceTests.Server server)
    : IClassFixture<BuildkiteSocketConformanceTests.Server>
{
    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public async Task The_runner_conforms_over_sockets(ConformanceCase conformanceCase)
    {
        await using BuildkiteHarness harness = new(
            server.Fake.Service, server.Time, new SocketsHttpHandler { AllowAutoRedirect = false }, server.Fake.Address);

        var result = await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken);

        ConformancePage.Verify("Buildkite", result);
    }

    public sealed class Server : IAsyncLifetime
    {
        internal FakeTimeProvider Time { get; } = new();

        internal FakeServer<FakeBuildkite> Fake { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Fake = new FakeServer<FakeBuildkite>(new FakeBuildkite(Time) { Limits = (100_000, 100_000) }, "/v2/");
            Fake.Service.Tokens[BuildkiteSetup.Token] = BuildkiteSetup.Scopes;
            await Fake.StartAsync();
        }

        public ValueTask DisposeAsync() => Fake.DisposeAsync();
    }
}
