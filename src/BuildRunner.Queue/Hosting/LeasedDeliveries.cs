using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Hosting;

/// <summary>What a pump holds, and what is due for it: renewals, the end of a handler's time, the end of patience. Used by the pump
/// alone.</summary>
internal sealed class LeasedDeliveries(ConsumerOptions options, HandlerSlots slots, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>How long a handler is waited for after its token was canceled.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // A third leaves two more tries before the lease ends.
    private const int RenewalsPerLease = 3;

    private readonly HashSet<LeasedDelivery> _leased = [];

    public int Count => _leased.Count;

    public bool HasQuarantined => _leased.Any(static leased => leased.Claim.IsQuarantined);

    public void Add(LeasedDelivery leased, long leasedAt)
    {
        Extend(leased, leasedAt);
        _leased.Add(leased);
    }

    public void Remove(LeasedDelivery leased)
    {
        _leased.Remove(leased);
        leased.Dispose();
    }

    /// <summary>Takes note of a lease. It counts from the latest moment at which it is known not to have begun, because the engine may have
    /// written it long before its answer was seen.</summary>
    public void Extend(LeasedDelivery leased, long leasedAt)
    {
        leased.LeaseEndsAt = leasedAt + Ticks(options.LeaseDuration);
        leased.RenewAt = leasedAt + Ticks(options.LeaseDuration / RenewalsPerLease);
    }

    /// <summary>Gets what is to be renewed now: nothing, or with what is due also what soon will be.</summary>
    public IReadOnlyList<LeasedDelivery> RenewalsDue()
    {
        var now = timeProvider.GetTimestamp();
        if (!_leased.Any(leased => IsRenewable(leased, now) && leased.RenewAt <= now))
        {
            return [];
        }

        var soon = now + Ticks(options.LeaseDuration / (2 * RenewalsPerLease));
        return [.. _leased.Where(leased => IsRenewable(leased, now) && leased.RenewAt <= soon)];
    }

    /// <summary>Cuts off what has run for too long or has lost its lease, and gives up on what does not heed that.</summary>
    public void Tick()
    {
        var now = timeProvider.GetTimestamp();
        foreach (var leased in _leased.Where(static leased => leased.Resolution is null))
        {
            if (leased.LeaseEndsAt <= now)
            {
                leased.CutOff(CutOffReason.LeaseLost, now + Ticks(Patience), logger);
            }
            else if (TimesOutAt(leased) <= now && leased.Reason == CutOffReason.None)
            {
                leased.CutOff(CutOffReason.TimedOut, now + Ticks(Patience), logger);
            }

            if (leased.AbandonAt <= now)
            {
                slots.GiveUp(leased);
            }
        }
    }

    public void CutOffAll()
    {
        var abandonAt = timeProvider.GetTimestamp() + Ticks(Patience);
        foreach (var leased in _leased.Where(static leased => leased.Resolution is null))
        {
            leased.CutOff(CutOffReason.Stopping, abandonAt, logger);
        }
    }

    public void AbandonAll()
    {
        foreach (var leased in _leased.Where(static leased => leased.Resolution is null))
        {
            slots.GiveUp(leased);
        }
    }

    /// <summary>Gets when the next of this is due.</summary>
    public long NextAt()
    {
        var now = timeProvider.GetTimestamp();
        return Math.Min(
            NextCutOffAt(), _leased.Where(leased => IsRenewable(leased, now)).Min(static leased => (long?)leased.RenewAt) ?? long.MaxValue);
    }

    /// <summary>Gets when the next of this is due for which the engine is not needed.</summary>
    public long NextCutOffAt()
    {
        var now = timeProvider.GetTimestamp();
        var next = long.MaxValue;
        foreach (var leased in _leased.Where(static leased => leased.Resolution is null))
        {
            next = Math.Min(next, leased.AbandonAt);
            if (leased.Reason == CutOffReason.None)
            {
                // What has not been started yet may be at any moment.
                next = Math.Min(
                    next, Math.Min(leased.LeaseEndsAt, leased.StartedAt == 0 ? now + Ticks(options.HandlerTimeout) : TimesOutAt(leased)));
            }
        }

        return next;
    }

    private static bool IsRenewable(LeasedDelivery leased, long now) => leased.Resolution is null && leased.LeaseEndsAt > now;

    private long TimesOutAt(LeasedDelivery leased) =>
        leased.StartedAt == 0 ? long.MaxValue : leased.StartedAt + Ticks(options.HandlerTimeout);

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * timeProvider.TimestampFrequency);
}
