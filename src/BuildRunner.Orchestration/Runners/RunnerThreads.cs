namespace BuildRunner.Orchestration.Runners;

/// <summary>Calls runners on other threads, so that a blocking call can be abandoned.</summary>
internal sealed class RunnerThreads(TaskScheduler scheduler)
{
    private const TaskCreationOptions OnPool = TaskCreationOptions.DenyChildAttach | TaskCreationOptions.HideScheduler;

    public static RunnerThreads Default { get; } = new(TaskScheduler.Default);

    /// <summary>Makes a call, on its own thread if the runner is known to block.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> call, bool isBlocking) =>
        Task.Factory
            .StartNew(call, CancellationToken.None, isBlocking ? OnPool | TaskCreationOptions.LongRunning : OnPool, scheduler)
            .Unwrap();
}
