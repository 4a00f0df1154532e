using BuildRunner.Testing;
using BuildRunner.Tests;

namespace BuildRunner.GitLab.Tests;

/// <summary>The conformance kit against a fake behind real sockets.</summary>
[Slow]
public sealed class GitLabSocketConformanceTests(GitLabSocketConformanceTests.Server server)
    : IClassFixture<GitLabSocketConformanceTests.Server>
{
    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public async Task The_runner_conforms_over_sockets(ConformanceCase conformanceCase)
    {
        await using GitLabHarness harness = new(server.Fake.Service, server.Time, new SocketsHttpHandler { AllowAutoRedirect = false },
            options => options.Url = server.Fake.Address);

        var result = await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken);

        ConformancePage.Verify("GitLab", result);
    }

    public sealed class Server : IAsyncLifetime
    {
        internal FakeTimeProvider Time { get; } = new();

        internal FakeServer<FakeGitLab> Fake { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Fake = new FakeServer<FakeGitLab>(new FakeGitLab(Time));
            Fake.Service.Tokens[GitLabSetup.Token] = DateTimeOffset.MaxValue;
            await Fake.StartAsync();
        }

        public ValueTask DisposeAsync() => Fake.DisposeAsync();
    }
}
