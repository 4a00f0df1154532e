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

    private IEnumerable<LeasedDelivery> Unresolved => _leased.Where(static leased => leased.Resolution is null);

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
        leased.LeaseEndsAt = leasedAt + timeProvider.TimestampsIn(options.LeaseDuration);
        leased.RenewAt = leasedAt + timeProvider.TimestampsIn(options.LeaseDuration / RenewalsPerLease);
    }

    /// <summary>Gets the deliveries to renew. If any is due, includes those that will be due soon.</summary>
    public IReadOnlyList<LeasedDelivery> RenewalsDue()
    {
        var now = timeProvider.GetTimestamp();
        if (!_leased.Any(leased => IsRenewable(leased, now) && leased.RenewAt <= now))
        {
            return [];
        }

        var soon = now + timeProvider.TimestampsIn(options.LeaseDuration / (2 * RenewalsPerLease));
        return [.. _leased.Where(leased => IsRenewable(leased, now) && leased.RenewAt <= soon)];
    }

    /// <summary>Cuts off handlers that timed out or lost their lease, and abandons those that ignore it.</summary>
    public void Tick()
    {
        var now = timeProvider.GetTimestamp();
        foreach (var leased in Unresolved)
        {
            if (leased.LeaseEndsAt <= now)
            {
                leased.CutOff(CutOffReason.LeaseLost, now + timeProvider.TimestampsIn(Patience), logger);
            }
            else if (TimesOutAt(leased) <= now && leased.Reason == CutOffReason.None)
            {
                leased.CutOff(CutOffReason.TimedOut, now + timeProvider.TimestampsIn(Patience), logger);
            }

            if (leased.AbandonAt <= now)
            {
                slots.GiveUp(leased);
            }
        }
    }

    public void CutOffAll()
    {
        var abandonAt = timeProvider.GetTimestamp() + timeProvider.TimestampsIn(Patience);
        foreach (var leased in Unresolved)
        {
            leased.CutOff(CutOffReason.Stopping, abandonAt, logger);
        }
    }

    public void AbandonAll()
    {
        foreach (var leased in Unresolved)
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
        foreach (var leased in Unresolved)
        {
            next = Math.Min(next, leased.AbandonAt);
            if (leased.Reason == CutOffReason.None)
            {
                // A handler that has not started may start at any moment.
                var startedAt = leased.StartedAt == 0 ? now : leased.StartedAt;
                next = Math.Min(next, Math.Min(leased.LeaseEndsAt, startedAt + timeProvider.TimestampsIn(options.HandlerTimeout)));
            }
        }

        return next;
    }

    private static bool IsRenewable(LeasedDelivery leased, long now) => leased.Resolution is null && leased.LeaseEndsAt > now;

    private long TimesOutAt(LeasedDelivery leased) =>
        leased.StartedAt == 0 ? long.MaxValue : leased.StartedAt + timeProvider.TimestampsIn(options.HandlerTimeout);
}
