using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Runners;

/// <summary>Makes calls of one runner with a timeout. A call that exceeds it is abandoned, and counted while it still runs.</summary>
internal sealed class TimedCalls(string runner, int mostAbandoned, ILogger logger, TimeProvider timeProvider, RunnerThreads threads)
{
    private int _abandoned;

    // Once seen, the threads that others need are left alone.
    private volatile bool _isBlocking;

    /// <summary>Gets a value indicating whether too many abandoned calls still run to make another.</summary>
    public bool AreHung => Volatile.Read(ref _abandoned) >= mostAbandoned;

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

    private void Abandon<T>(Task<T> task, Action<Task<T>> late)
    {
        if (Interlocked.Increment(ref _abandoned) == mostAbandoned)
        {
            Log.RunnerHung(logger, runner, mostAbandoned);
        }

        _ = task.ContinueWith(_ => Return(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        late(task);
    }

    private void Return()
    {
        if (Interlocked.Decrement(ref _abandoned) == mostAbandoned - 1)
        {
            Log.RunnerHungNoMore(logger, runner);
        }
    }

    private TimeoutException TimedOut(string operation, TimeSpan timeout, Exception? innerException) =>
        new($"The call '{operation}' of the runner '{runner}' was not answered within {timeout}.", innerException);
}
