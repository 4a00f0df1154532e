using System.Collections.Concurrent;

namespace BuildRunner.AspNetCore.Tests.Fixtures;

/// <summary>Waits for what becomes of builds.</summary>
internal sealed class EndObserver : IBuildObserver
{
    private readonly ConcurrentDictionary<(Guid Id, bool IsEnd), TaskCompletionSource<Build>> _changes = new();

    public Task<Build> EndOfAsync(Guid id) => Of(id, isEnd: true).Task.WaitAsync(WebhookApp.Safety);

    public Task<Build> RunOfAsync(Guid id) => Of(id, isEnd: false).Task.WaitAsync(WebhookApp.Safety);

    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
    {
        if (build.Status == BuildStatus.Running || build.Status.IsTerminal())
        {
            Of(build.Id, build.Status.IsTerminal()).TrySetResult(build);
        }

        return Task.CompletedTask;
    }

    private TaskCompletionSource<Build> Of(Guid id, bool isEnd) =>
        _changes.GetOrAdd((id, isEnd), static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}
