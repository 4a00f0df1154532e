using BuildRunner.Testing;

namespace BuildRunner.AotApp;

internal sealed class NoopHarness : ConformanceHarness
{
    private readonly NoopBuildRunner _runner = new();

    public override BuildRunnerCapabilities Capabilities => BuildRunnerCapabilities.None;

    public override IBuildRunner CreateRunner() => _runner;

    public override BuildRequest? CreateRequest(ConformanceBuild build) => build is ConformanceBuild.Succeeds ? new BuildRequest() : null;

    public override Task WaitAsync(CancellationToken cancellationToken) => Task.Delay(TimeSpan.FromMilliseconds(10), cancellationToken);
}
