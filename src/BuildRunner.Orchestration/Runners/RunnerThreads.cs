namespace BuildRunner.Orchestration.Runners;

/// <summary>Where runners are called: not on the thread of who asks, or one that blocks it could not be given up.</summary>
internal sealed class RunnerThreads(TaskScheduler scheduler)
{
    private const TaskCreationOptions OnPool = TaskCreationOptions.DenyChildAttach | TaskCreationOptions.HideScheduler;

    public static RunnerThreads Default { get; } = new(TaskScheduler.Default);

    /// <summary>Makes a call, on a thread of its own where it is known to block.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> call, bool isBlocking) =>
        Task.Factory
            .StartNew(call, CancellationToken.None, isBlocking ? OnPool | TaskCreationOptions.LongRunning : OnPool, scheduler)
            .Unwrap();
}
