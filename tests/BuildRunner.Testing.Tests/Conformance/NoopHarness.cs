namespace BuildRunner.Testing.Tests;

/// <summary>The least that a harness can give.</summary>
internal sealed class NoopHarness : ConformanceHarness
{
    private readonly NoopBuildRunner _runner = new();

    public override BuildRunnerCapabilities Capabilities => BuildRunnerCapabilities.None;

    public override IBuildRunner CreateRunner() => _runner;

    public override BuildRequest? CreateRequest(ConformanceBuild build) =>
        build is ConformanceBuild.Succeeds ? new BuildRequest { Head = [new Change("git://host/repo/refs%2Fheads%2Fmain/1")] } : null;

    // What is waited for is only that the threads of the kit get their turn.
    public override Task WaitForCallAsync(Task running, CancellationToken cancellationToken) =>
        Task.WhenAny(running, Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken));

    public override Task WaitAsync(CancellationToken cancellationToken) => throw new InvalidOperationException("A noop has nothing to wait for.");
}
