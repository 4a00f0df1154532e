using System.Threading.RateLimiting;

namespace BuildRunner.Orchestration.Runners;

/// <summary>Limits the rate of calls by the machine's clock: a second's worth at once, then evenly.</summary>
internal sealed class RunnerRate(TokenBucketRateLimiterOptions limit) : IDisposable
{
    private const int TicksPerSecond = 20;

    private readonly TokenBucketRateLimiter _limiter = new(limit);

    // Calls made before they had tokens. The next turn pays for them first.
    private int _owed;

    public RunnerRate(double callsPerSecond)
        : this(LimitOf(callsPerSecond))
    {
    }

    /// <summary>Gets the number of unpaid calls, for tests.</summary>
    internal int Owed => Volatile.Read(ref _owed);

    /// <summary>Takes tokens for a number of calls, and waits if necessary.</summary>
    /// <returns><see langword="false"/> if that took too long.</returns>
    public async Task<bool> TryTakeAsync(int calls, TimeSpan longestWait, CancellationToken cancellationToken)
    {
        if (TryPay() && TryTake())
        {
            Interlocked.Add(ref _owed, calls - 1);
            return true;
        }

        using CancellationTokenSource wait = new(longestWait);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, cancellationToken);
        try
        {
            // One after the other, so that at a low rate a turn of two calls is not passed by turns of one for ever: what was paid stays
            // paid.
            while (TryClaimDebt())
            {
                await PayAsync(linked.Token).ConfigureAwait(false);
            }

            using var lease = await _limiter.AcquireAsync(1, linked.Token).ConfigureAwait(false);
            Interlocked.Add(ref _owed, calls - 1);
            return lease.IsAcquired;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public void Dispose() => _limiter.Dispose();

    // The timer that fills the bucket cuts its period off to whole milliseconds, so it is rounded up: the rate is never exceeded.
    internal static TokenBucketRateLimiterOptions LimitOf(double rate)
    {
        var perTick = (int)Math.Max(1, rate / TicksPerSecond);
        return new()
        {
            TokenLimit = (int)Math.Max(1, rate),
            TokensPerPeriod = perTick,
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(Math.Ceiling(perTick * 1000 / rate)),
            QueueLimit = int.MaxValue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        };
    }

    private bool TryPay()
    {
        while (TryClaimDebt())
        {
            if (!TryTake())
            {
                Interlocked.Increment(ref _owed);
                return false;
            }
        }

        return true;
    }

    // Each call that is owed is paid for by one.
    private bool TryClaimDebt()
    {
        while (Volatile.Read(ref _owed) is > 0 and var owed)
        {
            if (Interlocked.CompareExchange(ref _owed, owed - 1, owed) == owed)
            {
                return true;
            }
        }

        return false;
    }

    private async Task PayAsync(CancellationToken cancellationToken)
    {
        var isPaid = false;
        try
        {
            using var paid = await _limiter.AcquireAsync(1, cancellationToken).ConfigureAwait(false);
            isPaid = paid.IsAcquired;
        }
        finally
        {
            if (!isPaid)
            {
                Interlocked.Increment(ref _owed);
            }
        }
    }

    private bool TryTake()
    {
        using var lease = _limiter.AttemptAcquire(1);
        return lease.IsAcquired;
    }
}
