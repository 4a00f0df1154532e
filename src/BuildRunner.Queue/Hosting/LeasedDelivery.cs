namespace BuildRunner.Queue.Hosting;

/// <summary>Represents a message leased by this process, and the cancellation of its handler.</summary>
internal sealed class LeasedDelivery : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private Outcome? _resolution;
    private int _reason;

    public LeasedDelivery(Claim claim)
    {
        Claim = claim;
        Token = _cancellation.Token;
    }

    public Claim Claim { get; }
    public CancellationToken Token { get; }

    public CutOffReason Reason => (CutOffReason)Volatile.Read(ref _reason);

    /// <summary>Gets or sets the timestamp at which to renew the lease. This and the next property are used only by the pump.</summary>
    public long RenewAt { get; set; }
    public long AbandonAt { get; private set; } = long.MaxValue;

    /// <summary>Gets or sets the timestamp at which the lease ends. Set only by the pump.</summary>
    public long LeaseEndsAt { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); }

    /// <summary>Gets or sets the timestamp at which the handler started, or 0 before. Set by the slot that runs it.</summary>
    public long StartedAt { get => Volatile.Read(ref field); set => Volatile.Write(ref field, value); }

    /// <summary>Gets or sets a value indicating whether the message has a slot. Used only by the slots.</summary>
    public bool HasSlot { get; set; }

    /// <summary>Gets the resolution, or <see langword="null"/> before. A resolved message is not renewed.</summary>
    public Outcome? Resolution => Volatile.Read(ref _resolution);

    public bool TryResolve(Outcome resolution) => Interlocked.CompareExchange(ref _resolution, resolution, null) is null;

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
        // An abandoned handler may still use its token.
        if (Reason == CutOffReason.None)
        {
            _cancellation.Dispose();
        }
    }
}

/// <summary>Specifies the reason that the token of a handler was cancelled.</summary>
internal enum CutOffReason
{
    None,
    Stopping,
    TimedOut,
    LeaseLost,
}
