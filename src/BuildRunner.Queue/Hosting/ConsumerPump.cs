namespace BuildRunner.Queue.Hosting;

/// <summary>Runs the loop of one topic: settles finished messages, and claims as many as can be handled soon.</summary>
internal sealed class ConsumerPump(
    IQueueEngine engine,
    string topic,
    ConsumerOptions options,
    PumpSignal signal,
    HandlerSlots slots,
    LeasedDeliveries leased,
    UnsettledDeliveries unsettled,
    QueueTelemetry telemetry,
    TimeProvider timeProvider,
    ILogger logger) : IDisposable
{
    private readonly PumpSignal _alarm = new(timeProvider);
    private readonly Prefetch _prefetch = new();
    private readonly EnginePause _pause = new();
    private readonly CancellationTokenSource _abort = new();
    private long _lastRound = timeProvider.GetTimestamp();
    private long _lookAt = long.MinValue;
    private volatile bool _isStopping;
    private volatile bool _isHurried;
    private bool _hasCutOff;
    private volatile int _awaitedHandlers;

    /// <summary>Gets the number of handlers that will wake the waiting pump. For tests, which advance time when none will.</summary>
    public int AwaitedHandlers => _awaitedHandlers;

    public async Task RunAsync()
    {
        using var subscription = engine.Subscribe(topic, signal.WakeAfter);
        try
        {
            while (!IsOver())
            {
                await LetHandlersRunAsync().ConfigureAwait(false);

                // Before the look, so that later events wake the pump again.
                signal.Reset();
                Look();
                if (HasWork() && !await TryRoundAsync().ConfigureAwait(false))
                {
                    await PauseAsync().ConfigureAwait(false);
                }
                else if (!IsOver())
                {
                    await WaitAsync(signal, NextAt()).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            // However the loop ended, handlers that still run must be cut off.
            slots.Stop();
            leased.CutOffAll();
        }
    }

    public void Stop()
    {
        _isStopping = true;
        Wake();
    }

    /// <summary>Abandons handlers that ignore their token.</summary>
    public void Hurry()
    {
        _isHurried = true;
        Wake();
    }

    public void Abort()
    {
        _abort.Cancel();
        Wake();
    }

    public void Dispose()
    {
        signal.Dispose();
        _alarm.Dispose();
        _abort.Dispose();
    }

    // Runs at the end of the pool's queue, so that handlers that finish together are settled together.
    private static Task LetHandlersRunAsync() =>
        Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);

    private bool IsOver() => _isStopping && (leased.Count == 0 || _abort.IsCancellationRequested);

    private void Wake()
    {
        signal.Wake();
        _alarm.Wake();
    }

    private void Look()
    {
        CutOff();
        slots.HandBackWaiting();
        leased.Tick();
        unsettled.TakeFinished();
    }

    private void CutOff()
    {
        if (_isStopping && !_hasCutOff)
        {
            _hasCutOff = true;
            slots.Stop();
            leased.CutOffAll();
        }

        if (_isHurried)
        {
            leased.AbandonAll();
        }
    }

    private bool HasWork() => unsettled.Count > 0 || (!_isStopping && Capacity() > 0) || leased.RenewalsDue().Count > 0;

    private int Capacity() => _isStopping ? 0 : Math.Max(0, options.Concurrency + _prefetch.Size - (leased.Count - unsettled.Count));

    private long NextAt() => Math.Min(leased.NextAt(), Capacity() > 0 || unsettled.Count > 0 ? _lookAt : long.MaxValue);

    private async Task<bool> TryRoundAsync()
    {
        var settled = unsettled.ToArray();
        var renewed = leased.RenewalsDue();
        var capacity = Capacity();
        QueueRound round = new()
        {
            Topic = topic,
            Policy = options.Policy,
            LeaseDuration = options.LeaseDuration,
            Settlements = [.. settled.Select(static delivery => new Settlement(delivery.Claim.Lease, delivery.Resolution!))],
            Renewals = [.. renewed.Select(static delivery => delivery.Claim.Lease)],
            Limit = capacity,
            TakesQuarantined = capacity > 0 && !leased.HasQuarantined,
        };
        var began = timeProvider.GetTimestamp();
        var asked = telemetry.RunRoundAsync(engine, round, _abort.Token);
        await WhileAskedAsync(asked).ConfigureAwait(false);
        QueueRoundResult result;
        try
        {
            result = await asked.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // The round is repeated later.
            _pause.Failed();
            if (_abort.IsCancellationRequested)
            {
                QueueLog.NotHandedBack(logger, topic, exception);
            }
            else
            {
                QueueLog.EngineFailed(logger, topic, _pause.Longest, exception);
            }

            return false;
        }

        _pause.Succeeded();
        var leasedAt = began + timeProvider.TimestampsIn(result.Waited);
        var isBusy = unsettled.Apply(settled, result.Settlements);
        unsettled.Report(result);
        ApplyRenewals(renewed, result.Renewals, leasedAt);
        CutOff();
        Start(result.Claims, leasedAt);
        _prefetch.Observe(settled.Length, timeProvider.GetElapsedTime(_lastRound, began));
        _lastRound = began;
        _lookAt = LookAt(round, result, isBusy, settled.Any(static delivery => delivery.Claim.IsQuarantined));
        return true;
    }

    // An unreachable engine may take minutes to fail; cutting off handlers must not wait. The signal is not reset, so no wake is lost.
    private async Task WhileAskedAsync(Task asked)
    {
        if (asked.IsCompleted)
        {
            return;
        }

        _ = asked.ContinueWith(
            _ => _alarm.Wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        for (_alarm.Reset(); !asked.IsCompleted; _alarm.Reset())
        {
            Look();
            await WaitAsync(_alarm, leased.NextCutOffAt()).ConfigureAwait(false);
        }
    }

    private void ApplyRenewals(IReadOnlyList<LeasedDelivery> renewed, IReadOnlyList<LeaseResult> results, long leasedAt)
    {
        for (var i = 0; i < renewed.Count; i++)
        {
            switch (results[i])
            {
                case LeaseResult.Applied:
                    leased.Extend(renewed[i], leasedAt);
                    break;
                case LeaseResult.Stale:
                    renewed[i].LeaseEndsAt = long.MinValue;
                    break;
                default:
                    renewed[i].RenewAt = timeProvider.TimestampAfter(EnginePause.Busy);
                    break;
            }
        }

        leased.Tick();
    }

    private void Start(IReadOnlyList<Claim> claims, long leasedAt)
    {
        telemetry.Consumed(topic, claims.Count);
        foreach (var claim in claims)
        {
            LeasedDelivery delivery = new(claim);
            leased.Add(delivery, leasedAt);
            slots.Add(delivery);
        }
    }

    private long LookAt(QueueRound round, QueueRoundResult result, bool isBusy, bool hasSettledQuarantined) =>
        isBusy || (result.IsMore && result.Claims.Count == 0 && round.Limit > 0) ? timeProvider.TimestampAfter(EnginePause.Busy)
        : result.IsMore || hasSettledQuarantined ? long.MinValue
        : timeProvider.TimestampAfter(result.NextDueIn is { } due && due < options.PollInterval ? due : options.PollInterval);

    // Handlers are still cut off in time; only the engine is left alone.
    private async Task PauseAsync()
    {
        var until = timeProvider.TimestampAfter(_pause.Next);
        while (timeProvider.GetTimestamp() < until && !_abort.IsCancellationRequested)
        {
            signal.Reset();
            Look();
            await WaitAsync(signal, Math.Min(leased.NextCutOffAt(), until)).ConfigureAwait(false);
        }
    }

    private async Task WaitAsync(PumpSignal awaited, long deadline)
    {
        _awaitedHandlers = Math.Min(options.Concurrency, leased.Count - unsettled.Count);
        await awaited.WaitAsync(deadline).ConfigureAwait(false);
        _awaitedHandlers = 0;
    }
}
