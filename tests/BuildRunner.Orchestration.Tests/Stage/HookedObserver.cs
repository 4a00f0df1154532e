namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>An observer that is called through the hook.</summary>
internal sealed class HookedObserver(IBuildObserver inner, CallHook hook) : IBuildObserver
{
    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken) =>
        hook.RunAsync("observer.changed", () => inner.OnBuildChangedAsync(build, cancellationToken), cancellationToken);

    public Task OnGroupEndedAsync(BuildGroup group, CancellationToken cancellationToken) =>
        hook.RunAsync("observer.group-ended", () => inner.OnGroupEndedAsync(group, cancellationToken), cancellationToken);
}
