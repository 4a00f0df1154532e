using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Hosting;

/// <summary>Holds the leased deliveries of a pump and tracks renewals, time-outs and abandonment. Used only by the pump.</summary>
internal sealed class LeasedDeliveries(ConsumerOptions options, HandlerSlots slots, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>The time for which a handler is awaited after its token was cancelled.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // At a third of the lease, two more tries are left before it ends.
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

    /// <summary>Records a lease. It counts from the last moment when it had surely not begun: its answer may arrive much later.</summary>
    public void Extend(LeasedDelivery leased, long leasedAt)
    {
        leased.LeaseEndsAt = leasedAt + Ticks(options.LeaseDuration);
        leased.RenewAt = leasedAt + Ticks(options.LeaseDuration / RenewalsPerLease);
    }

    /// <summary>Gets the deliveries to renew. If any is due, includes those that will be due soon.</summary>
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

    /// <summary>Cuts off handlers that timed out or lost their lease, and abandons those that ignore it.</summary>
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

    /// <summary>Gets the time of the next renewal or cut-off.</summary>
    public long NextAt()
    {
        var now = timeProvider.GetTimestamp();
        return Math.Min(
            NextCutOffAt(), _leased.Where(leased => IsRenewable(leased, now)).Min(static leased => (long?)leased.RenewAt) ?? long.MaxValue);
    }

    /// <summary>Gets the time of the next cut-off, which does not need the engine.</summary>
    public long NextCutOffAt()
    {
        var now = timeProvider.GetTimestamp();
        var next = long.MaxValue;
        foreach (var leased in _leased.Where(static leased => leased.Resolution is null))
        {
            next = Math.Min(next, leased.AbandonAt);
            if (leased.Reason == CutOffReason.None)
            {
                // A handler that has not started may start at any moment.
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
