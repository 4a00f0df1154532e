namespace BuildRunner.Testing.Tests;

/// <summary>A harness of four members, for what the kit makes of harnesses.</summary>
internal sealed class StubHarness(IBuildRunner runner, BuildRunnerCapabilities capabilities = BuildRunnerCapabilities.None) : ConformanceHarness
{
    public Func<ConformanceBuild, BuildRequest?> Requests { get; init; } = static _ => new BuildRequest { Head = [new Change("my:change")] };

    public int Waits { get; private set; }

    public override int MaxWaits => 5;

    public override BuildRunnerCapabilities Capabilities => capabilities;

    public override IBuildRunner CreateRunner() => runner;

    public override BuildRequest? CreateRequest(ConformanceBuild build) => Requests(build);

    public override Task WaitAsync(CancellationToken cancellationToken)
    {
        Waits++;
        return Task.CompletedTask;
    }
}
