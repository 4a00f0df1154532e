using BuildRunner.Testing;

namespace BuildRunner.Buildbot.Tests;

/// <summary>The conformance kit against a real master.</summary>
[Slow]
public sealed class BuildbotConformanceTests(BuildbotConformanceTests.Server server) : IClassFixture<BuildbotConformanceTests.Server>
{
    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_runner_conforms(ConformanceCase conformanceCase)
    {
        await using BuildbotHarness harness = new(server.Buildbot);

        var result = await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken);

        result.Outcome.Should().Be(BuildbotHarness.OutcomeOf(conformanceCase), "{0}", result.Reason);
    }

    public sealed class Server : IAsyncLifetime
    {
        internal BuildbotServer Buildbot { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Buildbot = await BuildbotHarness.StartServerAsync();

        public ValueTask DisposeAsync() => Buildbot is null ? ValueTask.CompletedTask : Buildbot.DisposeAsync();
    }
}
