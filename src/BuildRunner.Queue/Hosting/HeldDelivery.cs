using BuildRunner.Queue.Engines;

namespace BuildRunner.Queue.Hosting;

/// <summary>A message that this process has the lease of, and what its handler is told.</summary>
internal sealed class HeldDelivery(Claim claim) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _reason;
    private long _startedAt;

    public Claim Claim { get; } = claim;

    public CancellationToken Token => _cancellation.Token;

    /// <summary>Gets what completes when the handler has been waited for long enough.</summary>
    public Task Abandoned => _abandoned.Task;

    public CutOffReason Reason => (CutOffReason)Volatile.Read(ref _reason);

    /// <summary>Gets or sets when the lease is to be renewed, in time stamps. Used by the pump alone, as is what follows.</summary>
    public long RenewAt { get; set; }

    public long LeaseEndsAt { get; set; }

    /// <summary>Gets when the handler was started, or 0 while it was not. Set by the slot that runs it.</summary>
    public long StartedAt => Volatile.Read(ref _startedAt);

    public long AbandonAt { get; private set; } = long.MaxValue;

    /// <summary>Gets or sets what is to become of the message; it is not renewed any more then.</summary>
    public Resolution? Resolution { get; set; }

    public void Start(long timestamp) => Volatile.Write(ref _startedAt, timestamp);

    public void CutOff(CutOffReason reason, long abandonAt)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)CutOffReason.None) == (int)CutOffReason.None)
        {
            _cancellation.CancelAsync().ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        AbandonAt = Math.Min(AbandonAt, abandonAt);
    }

    public void Abandon()
    {
        AbandonAt = long.MaxValue;
        _abandoned.TrySetResult();
    }

    public void Dispose() => _cancellation.Dispose();
}
