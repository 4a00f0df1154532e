namespace BuildRunner.Orchestration;

/// <summary>Makes calls of one runner with a timeout. A call that exceeds it is abandoned, and counted while it still runs.</summary>
internal sealed class TimedCalls(
    string runner, BuildRunnerOptions options, HarmlessLogger<RunnerClient> logger, TimeProvider timeProvider, RunnerThreads threads)
{
    private readonly int _mostAbandoned = 4 * options.Concurrency;
    private int _abandoned;

    // Once seen, the threads that others need are left alone.
    private volatile bool _isBlocking;

    public bool AreHung => Volatile.Read(ref _abandoned) >= _mostAbandoned;

    /// <summary>Makes a call. If it is abandoned and still runs, it is passed to <paramref name="late"/>.</summary>
    public async Task<T> RunAsync<T>(
        string operation,
        Func<CancellationToken, Task<T>> call,
        TimeSpan timeout,
        Action<Task<T>> late,
        CancellationToken cancellationToken)
    {
        using CancellationTokenSource timer = new(timeout, timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);

        // A runner may as well do all before it returns its task. Whether it has begun is decided once, so that what was given up before is
        // never done.
        var (token, state) = (linked.Token, CallState.Queued);
        var task = threads.RunAsync(
            () =>
            {
                if (Interlocked.CompareExchange(ref state, CallState.Begun, CallState.Queued) != CallState.Queued)
                {
                    return Task.FromCanceled<T>(token);
                }

                var begun = call(token);
                Interlocked.Exchange(ref state, CallState.Returned);
                return begun;
            },
            _isBlocking);

        // So that a runner which does not look at its token holds up nothing. It may still answer in the moment in which it is given up.
        await ((Task)task).WaitAsync(linked.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsCompleted)
        {
            try
            {
                return await task.ConfigureAwait(false);
            }
            catch (OperationCanceledException exception) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw TimedOut(operation, timeout, exception);
            }
        }

        switch (Interlocked.CompareExchange(ref state, CallState.GivenUp, CallState.Queued))
        {
            case CallState.Queued:
                cancellationToken.ThrowIfCancellationRequested();
                throw new CallNotBegunException(
                    $"The call '{operation}' of the runner '{runner}' could not be begun within {timeout}, because no thread was free.");
            case CallState.Begun:
                _isBlocking = true;
                break;
        }

        Abandon(task, late);
        cancellationToken.ThrowIfCancellationRequested();
        throw TimedOut(operation, timeout, innerException: null);
    }

    /// <summary>Observes the exception of an abandoned task.</summary>
    public static void Forget(Task task) => _ = task.ContinueWith(
        static late => late.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private void Abandon<T>(Task<T> task, Action<Task<T>> late)
    {
        if (Interlocked.Increment(ref _abandoned) == _mostAbandoned)
        {
            Log.RunnerHung(logger, runner, _mostAbandoned);
        }

        _ = task.ContinueWith(_ => Return(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        late(task);
    }

    private void Return()
    {
        if (Interlocked.Decrement(ref _abandoned) == _mostAbandoned - 1)
        {
            Log.RunnerHungNoMore(logger, runner);
        }
    }

    private TimeoutException TimedOut(string operation, TimeSpan timeout, Exception? innerException) =>
        new($"The call '{operation}' of the runner '{runner}' was not answered within {timeout}.", innerException);

    // A call waits for a thread; if it is abandoned before it has one, it will not begin. Then the runner is called, and returns its task.
    private enum CallState
    {
        Queued,
        GivenUp,
        Begun,
        Returned,
    }
}

/// <summary>Represents a call that was not made and will not be.</summary>
internal sealed class CallNotBegunException : BuildRunnerException
{
    public CallNotBegunException(string message)
        : base(message) => IsTransient = true;
}

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
