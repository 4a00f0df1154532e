namespace BuildRunner.Http.Sending;

/// <summary>The time that a call has, and the token that ends it: by the clock, or by its caller.</summary>
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

    /// <summary>Waits, unless the time is over before.</summary>
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
