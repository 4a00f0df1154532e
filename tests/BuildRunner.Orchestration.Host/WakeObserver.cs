namespace BuildRunner.Orchestration.Soak;

/// <summary>Tells the test that an owner was woken, and comes back when the test knows.</summary>
internal sealed class WakeObserver(CiClient ci) : IBuildObserver
{
    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken) =>
        ci.AskAsync(new(CiOperation.Wake, build.Runner) { Wake = new(build.Id, build.Version, build.Status) }, cancellationToken);
}
