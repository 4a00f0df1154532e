namespace BuildRunner.Testing;

/// <content>Makes calls that may block, fail or never return.</content>
internal sealed partial class ConformanceRun
{
    /// <summary>Makes a call, on a separate thread because it may block, and fails the case if it does not return.</summary>
    public async Task<T> CompleteAsync<T>(Func<Task<T>> member, string name)
    {
        var call = Start(member);
        await FinishAsync(
            call,
            $"{name} has not returned after {MaxWaits} waits; it must return when the backend has answered.").ConfigureAwait(false);
        return await call.ConfigureAwait(false);
    }

    /// <inheritdoc cref="CompleteAsync{T}"/>
    public Task CompleteAsync(Func<Task> member, string name) => CompleteAsync(Answering(member), name);

    public static Task Start(Func<Task> member) => Start(Answering(member));

    /// <summary>Waits for a task to complete in any way.</summary>
    public async Task FinishAsync(Task task, string reason)
    {
        for (var wait = 0; !task.IsCompleted; wait++)
        {
            Check(wait < MaxWaits, reason);
            CancellationToken.ThrowIfCancellationRequested();
            await harness.WaitForCallAsync(task, CancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes a call and returns its exception, or <see langword="null"/> if there is none.</summary>
    public async Task<Exception?> CatchAsync(Func<Task> member, string name)
    {
        try
        {
            await CompleteAsync(member, name).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (
            exception is not (ConformanceFailureException or ConformanceSkipException) && !CancellationToken.IsCancellationRequested)
        {
            return exception;
        }
    }

    /// <summary>Makes calls that run at the same time, as far as the machine allows.</summary>
    public async Task<T[]> InParallelAsync<T>(Func<int, Task<T>> call)
    {
        var callers = harness.ParallelCalls;
        using var start = new Barrier(callers);
        return await Task.WhenAll(Enumerable.Range(0, callers).Select(index => Start(() =>
        {
            start.SignalAndWait(CancellationToken);
            return call(index);
        })).ToArray()).ConfigureAwait(false);
    }

    public async Task<T> TryAgainAsync<T>(Func<Task<T>> call, Predicate<BuildRunnerException> mayPass)
    {
        for (var wait = 0; ; wait++)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (BuildRunnerException exception) when (mayPass(exception) && wait < MaxWaits)
            {
                await harness.WaitAsync(CancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static Task<T> Start<T>(Func<Task<T>> member) => Task.Factory.StartNew(
        async () => await (member() ?? throw Failed("The runner returned null instead of a task.")).ConfigureAwait(false),
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default).Unwrap();

    private static Func<Task<bool>> Answering(Func<Task> member) => async () =>
    {
        await (member() ?? throw Failed("The runner returned null instead of a task.")).ConfigureAwait(false);
        return true;
    };

    private Task<T> TryAgainAsync<T>(Func<Task<T>> call) => TryAgainAsync(call, static exception => exception.IsTransient);
}
