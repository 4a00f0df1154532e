namespace BuildRunner.Orchestration.Runners;

/// <summary>Where runners are called: not on the thread of who asks, or one that blocks it could not be given up.</summary>
internal sealed class RunnerThreads(TaskScheduler scheduler)
{
    public static RunnerThreads Default { get; } = new(TaskScheduler.Default);

    public Task<T> Run<T>(Func<Task<T>> call) => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.DenyChildAttach | TaskCreationOptions.HideScheduler, scheduler).Unwrap();
}
