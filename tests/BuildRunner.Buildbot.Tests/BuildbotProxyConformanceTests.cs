using BuildRunner.Testing;
using BuildRunner.Tests;

namespace BuildRunner.Buildbot.Tests;

/// <summary>The conformance kit against a real master, through a proxy that loses answers, delays them and cuts connections.</summary>
[Slow]
public sealed class BuildbotProxyConformanceTests(BuildbotProxyConformanceTests.Server server) : IClassFixture<BuildbotProxyConformanceTests.Server>
{
    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_runner_conforms_on_a_bad_line(ConformanceCase conformanceCase)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"BUILDBOT_SEED={server.Proxy.Seed}");
        var (creates, created) = (server.Proxy.Creates, await server.Buildbot.CountBuildRequestsAsync());
        await using BuildbotHarness harness = new(server.Buildbot, server.Proxy);

        var result = await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken);

        // A create that its caller has left may never get as far as the wire.
        (server.Proxy.Creates - creates).Should().BeLessThanOrEqualTo(harness.Creates, "no create goes over the wire again");
        (await server.Buildbot.CountBuildRequestsAsync() - created).Should().Be(server.Proxy.Creates - creates);
        ConformancePage.Verify("Buildbot", result);
    }

    [Fact]
    public async Task The_line_is_bad()
    {
        await using UnreliableProxy proxy = new(server.Buildbot, seed: 1);
        await using BuildbotHarness harness = new(server.Buildbot, proxy);
        var runner = (BuildbotBuildRunner)harness.CreateRunner();

        for (var trigger = 0; trigger < 20; trigger++)
        {
            BuildRequest request = new() { Head = [new Change("test:Succeeds")], TriggerKey = Guid.NewGuid().ToString() };
            await runner.TriggerAsync(request, TestContext.Current.CancellationToken);
        }

        proxy.Fates.Keys.Should().BeEquivalentTo([ProxyFate.Pass, ProxyFate.Delay, ProxyFate.LoseAnswer, ProxyFate.Cut]);
    }

    public sealed class Server : IAsyncLifetime
    {
        internal BuildbotServer Buildbot { get; private set; } = null!;

        internal UnreliableProxy Proxy { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Buildbot = await BuildbotHarness.StartServerAsync();
            Proxy = new UnreliableProxy(Buildbot);
        }

        public async ValueTask DisposeAsync()
        {
            if (Buildbot is not null)
            {
                await Proxy.DisposeAsync();
                await Buildbot.DisposeAsync();
            }
        }
    }
}
