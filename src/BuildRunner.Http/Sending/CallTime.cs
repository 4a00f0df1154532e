namespace BuildRunner.Http.Sending;

/// <summary>Limits the time of a call. Its token is cancelled when the time is over or the caller cancels.</summary>
internal sealed class CallTime : IDisposable
{
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _either;
    private readonly TimeProvider _time;
    private readonly CancellationToken _caller;

    public CallTime(TimeSpan timeout, TimeProvider time, CancellationToken caller)
    {
        caller.ThrowIfCancellationRequested();
        _time = time;
        _caller = caller;
        _limit = new CancellationTokenSource(timeout, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, caller);
    }

    public CancellationToken Token => _either.Token;

    public void ThrowIfCallerLeft() => _caller.ThrowIfCancellationRequested();

    /// <summary>Waits, and returns <see langword="false"/> if the time is over before the pause ends.</summary>
    public async Task<bool> TryWaitAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _time, Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            ThrowIfCallerLeft();
            return false;
        }
    }

    public void Dispose()
    {
        _either.Dispose();
        _limit.Dispose();
    }
}
