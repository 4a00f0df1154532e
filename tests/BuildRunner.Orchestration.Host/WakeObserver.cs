namespace BuildRunner.Orchestration.Soak;

/// <summary>Tells the test that an owner was woken, and comes back when the test knows.</summary>
internal sealed class WakeObserver(CiClient ci) : IBuildObserver
{
    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken) =>
        ci.AskAsync(new(CiOperation.Wake, build.Runner) { Wake = new(build.Id, build.Version, build.Status) }, cancellationToken);

    public Task OnGroupEndedAsync(BuildGroup group, CancellationToken cancellationToken) =>
        ci.AskAsync(new(CiOperation.Wake, SoakStage.Healthy) { Wake = new(group.Id, 0, group.Status) }, cancellationToken);
}
