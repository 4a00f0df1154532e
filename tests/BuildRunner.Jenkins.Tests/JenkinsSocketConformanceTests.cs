using BuildRunner.Testing;
using BuildRunner.Tests;

namespace BuildRunner.Jenkins.Tests;

/// <summary>The conformance kit against a fake behind real sockets.</summary>
[Slow]
public sealed class JenkinsSocketConformanceTests(JenkinsSocketConformanceTests.Server server)
    : IClassFixture<JenkinsSocketConformanceTests.Server>
{
    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public async Task The_runner_conforms_over_sockets(ConformanceCase conformanceCase)
    {
        await using JenkinsHarness harness = new(server.Fake.Service, server.Time, new SocketsHttpHandler { AllowAutoRedirect = false },
            server.Fake.Address);

        var result = await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken);

        ConformancePage.Verify("Jenkins", result);
    }

    public sealed class Server : IAsyncLifetime
    {
        internal FakeTimeProvider Time { get; } = new();

        internal FakeServer<FakeJenkins> Fake { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Fake = new FakeServer<FakeJenkins>(new FakeJenkins(Time) { Job = "shop/feature%2Fx" });
            Fake.Service.Tokens.Add(JenkinsSetup.Token);
            await Fake.StartAsync();
        }

        public ValueTask DisposeAsync() => Fake.DisposeAsync();
    }
}
