namespace BuildRunner.Orchestration.Tests.Stage;

/// <summary>A runner that makes its calls through the hook. It cannot find builds by key, even if the inner runner can. The inner runner checks the tokens.</summary>
internal class HookedRunner(IBuildRunner inner, CallHook hook) : IBuildRunner
{
    protected IBuildRunner Inner { get; } = inner;

    protected CallHook Hook { get; } = hook;

    public static IBuildRunner Of(IBuildRunner inner, CallHook hook, bool finds) => finds ? new HookedFinder(inner, hook) : new HookedRunner(inner, hook);

    public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default) => Hook.RunAsync("runner.trigger", () => Inner.TriggerAsync(request, cancellationToken), CancellationToken.None);

    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) => Hook.RunAsync("runner.status", () => Inner.StatusAsync(buildId, cancellationToken), CancellationToken.None);

    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default) => Hook.RunAsync("runner.cancel", () => Inner.CancelAsync(buildId, cancellationToken), CancellationToken.None);

    private sealed class HookedFinder(IBuildRunner inner, CallHook hook) : HookedRunner(inner, hook), IBuildFinder
    {
        public Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default) => Hook.RunAsync("runner.find", () => Inner.As<IBuildFinder>()!.FindAsync(triggerKey, cancellationToken), CancellationToken.None);
    }
}
