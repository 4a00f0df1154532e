using BuildRunner.Testing;
using BuildRunner.Tests;
using CliWrap;
using CliWrap.Buffered;

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

        ConformancePage.Verify("Buildbot", result);
    }

    [Fact]
    public async Task The_page_names_the_version_of_the_master()
    {
        var version = await Cli.Wrap("buildbot").WithArguments("--version").ExecuteBufferedAsync();

        // Buildbot version: 3.7.0-2
        ConformancePage.WarnUnlessNamed("Buildbot", string.Join('.', version.StandardOutput.Split('\n')[0].Split(' ')[^1].Split('.')[..2]));
    }

    public sealed class Server : IAsyncLifetime
    {
        internal BuildbotServer Buildbot { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Buildbot = await BuildbotHarness.StartServerAsync();

        public ValueTask DisposeAsync() => Buildbot is null ? ValueTask.CompletedTask : Buildbot.DisposeAsync();
    }
}
