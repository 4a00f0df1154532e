using Acorn.Tests;
using BuildRunner.Testing;

namespace BuildRunner.Http.Tests.Guide;

/// <summary>The runner that the guide shows keeps the contract, with every capability that its service has.</summary>
public sealed class AcornConformanceTests(AcornConformanceTests.Ci ci) : IClassFixture<AcornConformanceTests.Ci>
{
    // Acorn does not say whether base or head broke a build, and the runner logs nothing.
    private static readonly string[] Skipped = ["A4: No credential is in the log", "S5: A build that the head broke says so"];

    public static TheoryData<ConformanceCase> Cases => [.. Conformance.Cases];

    [Theory(Timeout = 120_000)]
    [MemberData(nameof(Cases))]
    public async Task The_runner_of_the_guide_conforms(ConformanceCase conformanceCase)
    {
        await using Harness harness = new(ci.Server, ci.Time);

        var result = await conformanceCase.RunAsync(harness, TestContext.Current.CancellationToken);

        var isSkipped = conformanceCase.RequiresAny == BuildRunnerCapabilities.IdempotentTrigger || conformanceCase.Requires.HasFlag(BuildRunnerCapabilities.IdempotentTrigger) || Skipped.Contains(conformanceCase.Name);
        result.Outcome.Should().Be(isSkipped ? ConformanceOutcome.Skipped : ConformanceOutcome.Passed, "{0}", result.Reason);
    }

    public sealed class Ci : IAsyncLifetime
    {
        public FakeTimeProvider Time { get; } = new();

        internal AcornServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Server = new AcornServer(Time);
            await Server.StartAsync();
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }

    private sealed class Harness(AcornServer server, FakeTimeProvider time) : AcornHarness(server.Address, server.Token, time)
    {
        public override async Task<bool> SetUnheardOfStateAsync(BuildId buildId, CancellationToken cancellationToken)
        {
            server.SetState(buildId, "pondering");
            return true;
        }

        public override async Task<IReadOnlyList<Change>?> GetAppliedChangesAsync(BuildId buildId, CancellationToken cancellationToken)
        {
            var request = server.RequestOf(buildId);
            return [.. request.Base, .. request.Head];
        }
    }
}
