using System.Collections.Concurrent;

namespace BuildRunner.Orchestration.Tests.Hosting;

/// <summary>Waits for the ends of builds.</summary>
internal sealed class EndObserver : IBuildObserver
{
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<Build>> _ends = new();

    public Task<Build> EndOfAsync(Guid id) => Of(id).Task.WaitAsync(StageHost.Safety);

    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
    {
        if (build.Status.IsTerminal())
        {
            Of(build.Id).TrySetResult(build);
        }

        return Task.CompletedTask;
    }

    private TaskCompletionSource<Build> Of(Guid id) => _ends.GetOrAdd(id, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
