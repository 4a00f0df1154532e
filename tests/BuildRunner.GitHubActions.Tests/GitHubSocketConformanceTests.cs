using BuildRunner.Testing;
using BuildRunner.Tests;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>The conformance kit against a fake behind real sockets.</summary>
[Slow]
public sealed class GitHubSocketConformanceTests(GitHubSocketConformanceTests.Server server)
    : IClassFixture<GitHubSocketConformanceTests.Server>
{
    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public async Task The_runner_conforms_over_sockets(ConformanceCase conformanceCase)
    {
        await using GitHubHarness harness = new(server.Fake.Service, server.Time, new SocketsHttpHandler { AllowAutoRedirect = false },
            options =>
        {
            options.ApiUrl = server.Fake.Address;
            options.Token = static _ => new(GitHubSetup.Token);
        });

        var result = await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken);

        ConformancePage.Verify("GitHub", result);
    }

    public sealed class Server : IAsyncLifetime
    {
        internal FakeTimeProvider Time { get; } = new();

        internal FakeServer<FakeGitHub> Fake { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Fake = new FakeServer<FakeGitHub>(new FakeGitHub(Time));
            Fake.Service.Tokens[GitHubSetup.Token] = DateTimeOffset.MaxValue;
            await Fake.StartAsync();
        }

        public ValueTask DisposeAsync() => Fake.DisposeAsync();
    }
}
