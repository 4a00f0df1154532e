using BuildRunner.Queue.Engines;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Hosting;

/// <summary>A message that this process has the lease of, and what its handler is told.</summary>
internal sealed class LeasedDelivery : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private Resolution? _resolution;
    private int _reason;
    private long _startedAt;
    private long _leaseEndsAt;

    public LeasedDelivery(Claim claim)
    {
        Claim = claim;
        Token = _cancellation.Token;
    }

    public Claim Claim { get; }

    public CancellationToken Token { get; }

    public CutOffReason Reason => (CutOffReason)Volatile.Read(ref _reason);

    /// <summary>Gets or sets when the lease is to be renewed, in time stamps. Used by the pump alone, as is what follows.</summary>
    public long RenewAt { get; set; }

    public long AbandonAt { get; private set; } = long.MaxValue;

    /// <summary>Gets or sets when the lease ends, in time stamps. Set by the pump alone.</summary>
    public long LeaseEndsAt
    {
        get => Volatile.Read(ref _leaseEndsAt);
        set => Volatile.Write(ref _leaseEndsAt, value);
    }

    /// <summary>Gets when the handler was started, or 0 while it was not. Set by the slot that runs it.</summary>
    public long StartedAt => Volatile.Read(ref _startedAt);

    /// <summary>Gets or sets a value indicating whether the message has a slot of its own. Used by the slots alone.</summary>
    public bool HasSlot { get; set; }

    /// <summary>Gets what is to become of the message, or <see langword="null"/> while that is not known; it is not renewed any more
    /// then.</summary>
    public Resolution? Resolution => Volatile.Read(ref _resolution);

    public void Start(long timestamp) => Volatile.Write(ref _startedAt, timestamp);

    /// <summary>Says what is to become of the message, unless that has been said.</summary>
    public bool TryResolve(Resolution resolution) => Interlocked.CompareExchange(ref _resolution, resolution, null) is null;

    public void CutOff(CutOffReason reason, long abandonAt, ILogger logger)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, (int)CutOffReason.None) == (int)CutOffReason.None)
        {
            _cancellation.CancelAsync().ContinueWith(
                task => QueueLog.CallbackFailed(logger, Claim.Delivery.Topic, Claim.Delivery.Message.Id, task.Exception!),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
        }

        AbandonAt = Math.Min(AbandonAt, abandonAt);
    }

    public void Dispose()
    {
        // A handler that was given up may still look at its token.
        if (Reason == CutOffReason.None)
        {
            _cancellation.Dispose();
        }
    }
}

/// <summary>Why the token of a handler was cancelled.</summary>
internal enum CutOffReason
{
    None,
    Stopping,
    TimedOut,
    LeaseLost,
}
