using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Hosting;

/// <summary>What a pump holds, and what is due for it: renewals, the end of a handler's time, the end of patience. Used by the pump alone.</summary>
internal sealed class HeldDeliveries(ConsumerOptions options, HandlerSlots slots, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>How long a handler is waited for after its token was canceled.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // A third leaves two more tries before the lease ends.
    private const int RenewalsPerLease = 3;

    private readonly HashSet<HeldDelivery> _held = [];

    public int Count => _held.Count;

    public bool HasQuarantined => _held.Any(static held => held.Claim.IsQuarantined);

    public void Add(HeldDelivery held, long leasedAt)
    {
        Extend(held, leasedAt);
        _held.Add(held);
    }

    public void Remove(HeldDelivery held)
    {
        _held.Remove(held);
        held.Dispose();
    }

    /// <summary>Takes note of a lease. It counts from the latest moment at which it is known not to have begun, because the engine may have written it long before its answer was seen.</summary>
    public void Extend(HeldDelivery held, long leasedAt)
    {
        held.LeaseEndsAt = leasedAt + Ticks(options.LeaseDuration);
        held.RenewAt = leasedAt + Ticks(options.LeaseDuration / RenewalsPerLease);
    }

    /// <summary>Gets what is to be renewed now: nothing, or with what is due also what soon will be.</summary>
    public IReadOnlyList<HeldDelivery> RenewalsDue()
    {
        var now = timeProvider.GetTimestamp();
        if (!_held.Any(held => IsRenewable(held, now) && held.RenewAt <= now))
        {
            return [];
        }

        var soon = now + Ticks(options.LeaseDuration / (2 * RenewalsPerLease));
        return [.. _held.Where(held => IsRenewable(held, now) && held.RenewAt <= soon)];
    }

    /// <summary>Cuts off what has run for too long or has lost its lease, and gives up on what does not heed that.</summary>
    public void Tick()
    {
        var now = timeProvider.GetTimestamp();
        foreach (var held in _held.Where(static held => held.Resolution is null))
        {
            if (held.LeaseEndsAt <= now)
            {
                held.CutOff(CutOffReason.LeaseLost, now + Ticks(Patience), logger);
            }
            else if (TimesOutAt(held) <= now && held.Reason == CutOffReason.None)
            {
                held.CutOff(CutOffReason.TimedOut, now + Ticks(Patience), logger);
            }

            if (held.AbandonAt <= now)
            {
                slots.GiveUp(held);
            }
        }
    }

    public void CutOffAll()
    {
        var abandonAt = timeProvider.GetTimestamp() + Ticks(Patience);
        foreach (var held in _held.Where(static held => held.Resolution is null))
        {
            held.CutOff(CutOffReason.Stopping, abandonAt, logger);
        }
    }

    public void AbandonAll()
    {
        foreach (var held in _held.Where(static held => held.Resolution is null))
        {
            slots.GiveUp(held);
        }
    }

    /// <summary>Gets when the next of this is due.</summary>
    public long NextAt()
    {
        var now = timeProvider.GetTimestamp();
        return Math.Min(NextCutOffAt(), _held.Where(held => IsRenewable(held, now)).Min(static held => (long?)held.RenewAt) ?? long.MaxValue);
    }

    /// <summary>Gets when the next of this is due for which the engine is not needed.</summary>
    public long NextCutOffAt()
    {
        var now = timeProvider.GetTimestamp();
        var next = long.MaxValue;
        foreach (var held in _held.Where(static held => held.Resolution is null))
        {
            next = Math.Min(next, held.AbandonAt);
            if (held.Reason == CutOffReason.None)
            {
                // What has not been started yet may be at any moment.
                next = Math.Min(next, Math.Min(held.LeaseEndsAt, held.StartedAt == 0 ? now + Ticks(options.HandlerTimeout) : TimesOutAt(held)));
            }
        }

        return next;
    }

    private static bool IsRenewable(HeldDelivery held, long now) => held.Resolution is null && held.LeaseEndsAt > now;

    private long TimesOutAt(HeldDelivery held) => held.StartedAt == 0 ? long.MaxValue : held.StartedAt + Ticks(options.HandlerTimeout);

    private long Ticks(TimeSpan time) => (long)(time.TotalSeconds * timeProvider.TimestampFrequency);
}
