using System.Threading.RateLimiting;

namespace BuildRunner.Orchestration;

/// <summary>Limits the rate of calls by the machine's clock: a second's worth at once, then evenly.</summary>
internal sealed class RunnerRate(TokenBucketRateLimiterOptions limit) : IDisposable
{
    private const int TicksPerSecond = 20;

    private readonly TokenBucketRateLimiter _limiter = new(limit);

    public RunnerRate(double callsPerSecond)
        : this(LimitOf(callsPerSecond))
    {
    }

    // The timer that fills the bucket cuts its period off to whole milliseconds, so it is rounded up: the rate is never exceeded.
    public static TokenBucketRateLimiterOptions LimitOf(double rate)
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

    /// <returns><see langword="false"/> if that took too long.</returns>
    public async Task<bool> TryTakeAsync(int calls, TimeSpan longestWait, CancellationToken cancellationToken)
    {
        if (!TryTake() && !await WaitAsync(longestWait, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        // One token lets a turn begin, and later turns queue behind the rest. So at a low rate, turns of one call do not pass those of two
        // for ever.
        for (var owed = calls - 1; owed > 0; owed--)
        {
            _ = _limiter.AcquireAsync(1, CancellationToken.None).AsTask();
        }

        return true;
    }

    public void Dispose() => _limiter.Dispose();

    private bool TryTake()
    {
        using var lease = _limiter.AttemptAcquire(1);
        return lease.IsAcquired;
    }

    private async Task<bool> WaitAsync(TimeSpan longestWait, CancellationToken cancellationToken)
    {
        using CancellationTokenSource wait = new(longestWait);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, cancellationToken);
        try
        {
            using var lease = await _limiter.AcquireAsync(1, linked.Token).ConfigureAwait(false);
            return lease.IsAcquired;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}
