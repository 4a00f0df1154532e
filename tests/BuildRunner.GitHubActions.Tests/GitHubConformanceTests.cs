using BuildRunner.Testing;

namespace BuildRunner.GitHubActions.Tests;

/// <summary>The conformance kit against a fake behind real sockets.</summary>
public sealed class GitHubConformanceTests(GitHubConformanceTests.Server server) : IClassFixture<GitHubConformanceTests.Server>
{
    // A run does not show what it was asked for, so that no metadata comes back. GitHub has no keys, so that two triggers at the same
    // moment may make two runs. One job builds base and head. The runner logs nothing.
    private static readonly string[] Skipped =
    [
        "T6: Metadata comes back in the snapshot",
        "T7: Concurrent triggers with the same key give one build",
        "T7: Concurrent triggers with the same key from several instances give one build",
        "T7: After a lost answer the same key gives the one build",
        "S5: A build that the head broke says so",
        "A4: No credential is in the log",
    ];

    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory(Timeout = 300_000)]
    [MemberData(nameof(Cases))]
    public async Task The_runner_conforms(ConformanceCase conformanceCase)
    {
        await using GitHubHarness harness = new(server.Fake.GitHub, server.Time, new SocketsHttpHandler { AllowAutoRedirect = false }, options =>
        {
            options.ApiUrl = server.Fake.Address;
            options.Token = static _ => new("ghp_conformance");
        });

        var result = await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken);

        result.Outcome.Should().Be(Skipped.Contains(conformanceCase.Name) ? ConformanceOutcome.Skipped : ConformanceOutcome.Passed, "{0}", result.Reason);
    }

    public sealed class Server : IAsyncLifetime
    {
        internal FakeTimeProvider Time { get; } = new();

        internal FakeGitHubServer Fake { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Fake = new FakeGitHubServer(new FakeGitHub(Time) { ResetsAt = DateTimeOffset.MinValue });
            Fake.GitHub.Tokens["ghp_conformance"] = DateTimeOffset.MaxValue;
            await Fake.StartAsync();
        }

        public ValueTask DisposeAsync() => Fake.DisposeAsync();
    }
}
