namespace BuildRunner.Testing.Tests;

/// <summary>The least that a harness can give.</summary>
internal sealed class NoopHarness : ConformanceHarness
{
    private readonly NoopBuildRunner _runner = new();
    private int _number;

    public override BuildRunnerCapabilities Capabilities => BuildRunnerCapabilities.None;

    public override IBuildRunner CreateRunner() => _runner;

    public override async Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken) =>
        build is ConformanceBuild.Succeeds ? new BuildRequest { Head = [new Change($"git://host/repo/refs%2Fheads%2Fmain/{++_number}")] } : null;

    // What is waited for is only that the threads of the kit get their turn.
    public override Task WaitForCallAsync(Task running, CancellationToken cancellationToken) =>
        Task.WhenAny(running, Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken));

    public override Task WaitAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("A noop has nothing to wait for.");
}
