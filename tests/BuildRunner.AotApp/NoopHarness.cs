using BuildRunner.Testing;

namespace BuildRunner.AotApp;

internal sealed class NoopHarness : ConformanceHarness
{
    private readonly NoopBuildRunner _runner = new();

    public override BuildRunnerCapabilities Capabilities => BuildRunnerCapabilities.None;

    public override IBuildRunner CreateRunner() => _runner;

    public override async Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken) =>
        build is ConformanceBuild.Succeeds ? new BuildRequest { Head = [new Change($"aot:{Guid.NewGuid():N}")] } : null;

    public override Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
}
