using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Telemetry;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Hosting;

/// <summary>Runs the loop of one topic: settles finished messages, and claims as many as can be handled soon.</summary>
internal sealed class ConsumerPump : IDisposable
{
    private readonly IQueueEngine _engine;
    private readonly string _topic;
    private readonly ConsumerOptions _options;
    private readonly QueueTelemetry _telemetry;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly PumpSignal _signal;
    private readonly PumpSignal _alarm;
    private readonly LeasedDeliveries _leased;
    private readonly HandlerSlots _slots;
    private readonly Prefetch _prefetch = new();
    private readonly EnginePause _pause = new();
    private readonly UnsettledDeliveries _unsettled;
    private readonly CancellationTokenSource _abort = new();
    private long _lastRound;
    private long _lookAt = long.MinValue;
    private volatile bool _isStopping;
    private volatile bool _isHurried;
    private bool _hasCutOff;
    private volatile int _awaitedHandlers;

    public ConsumerPump(
        IQueueEngine engine,
        string topic,
        ConsumerOptions options,
        HandlerRunner runner,
        QueueTelemetry telemetry,
        TimeProvider timeProvider,
        ILogger logger)
    {
        _engine = engine;
        _topic = topic;
        _options = options;
        _telemetry = telemetry;
        _timeProvider = timeProvider;
        _logger = logger;
        _signal = new PumpSignal(timeProvider);
        _alarm = new PumpSignal(timeProvider);
        _slots = new HandlerSlots(options.Concurrency, runner, timeProvider, _signal.Wake);
        _leased = new LeasedDeliveries(options, _slots, timeProvider, logger);
        _unsettled = new UnsettledDeliveries(engine.Name, topic, _leased, _slots, telemetry, timeProvider, logger);
        _lastRound = timeProvider.GetTimestamp();
    }

    /// <summary>Gets the number of handlers that will wake the waiting pump. For tests, which advance time when none will.</summary>
    public int AwaitedHandlers => _awaitedHandlers;

    public async Task RunAsync()
    {
        using var subscription = _engine.Subscribe(_topic, _signal.WakeAfter);
        try
        {
            while (!IsOver())
            {
                await LetHandlersRunAsync().ConfigureAwait(false);

                // Before the look, so that later events wake the pump again.
                _signal.Reset();
                Look();
                if (HasWork() && !await TryRoundAsync().ConfigureAwait(false))
                {
                    await PauseAsync().ConfigureAwait(false);
                }
                else if (!IsOver())
                {
                    await WaitAsync(_signal, NextAt()).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            // However the loop ended, handlers that still run must be cut off.
            _slots.Stop();
            _leased.CutOffAll();
        }
    }

    /// <summary>Stops claiming and cuts off running handlers.</summary>
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

    /// <summary>Abandons the engine.</summary>
    public void Abort()
    {
        _abort.Cancel();
        Wake();
    }

    public void Dispose()
    {
        _signal.Dispose();
        _alarm.Dispose();
        _abort.Dispose();
    }

    // Runs at the end of the pool's queue, so that handlers that finish together are settled together.
    private static Task LetHandlersRunAsync() =>
        Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);

    private bool IsOver() => _isStopping && (_leased.Count == 0 || _abort.IsCancellationRequested);

    private void Wake()
    {
        _signal.Wake();
        _alarm.Wake();
    }

    /// <summary>Does the work that does not need the engine.</summary>
    private void Look()
    {
        CutOff();
        _slots.HandBackWaiting();
        _leased.Tick();
        _unsettled.TakeFinished();
    }

    private void CutOff()
    {
        if (_isStopping && !_hasCutOff)
        {
            _hasCutOff = true;
            _slots.Stop();
            _leased.CutOffAll();
        }

        if (_isHurried)
        {
            _leased.AbandonAll();
        }
    }

    private bool HasWork() => _unsettled.Count > 0 || (!_isStopping && Capacity() > 0) || _leased.RenewalsDue().Count > 0;

    private int Capacity() => _isStopping ? 0 : Math.Max(0, _options.Concurrency + _prefetch.Size - (_leased.Count - _unsettled.Count));

    private long NextAt() => Math.Min(_leased.NextAt(), Capacity() > 0 || _unsettled.Count > 0 ? _lookAt : long.MaxValue);

    private async Task<bool> TryRoundAsync()
    {
        var settled = _unsettled.ToArray();
        var renewed = _leased.RenewalsDue();
        var capacity = Capacity();
        QueueRound round = new()
        {
            Topic = _topic,
            Policy = _options.Policy,
            LeaseDuration = _options.LeaseDuration,
            Settlements = [.. settled.Select(static leased => new Settlement(leased.Claim.Lease, leased.Resolution!))],
            Renewals = [.. renewed.Select(static leased => leased.Claim.Lease)],
            Limit = capacity,
            TakesQuarantined = capacity > 0 && !_leased.HasQuarantined,
        };
        var began = _timeProvider.GetTimestamp();
        var asked = _telemetry.RunRoundAsync(_engine, round, _abort.Token);
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
                QueueLog.NotHandedBack(_logger, _topic, exception);
            }
            else
            {
                QueueLog.EngineFailed(_logger, _topic, _pause.Longest, exception);
            }

            return false;
        }

        _pause.Succeeded();
        var leasedAt = began + (long)(result.Waited.TotalSeconds * _timeProvider.TimestampFrequency);
        var isBusy = _unsettled.Apply(settled, result.Settlements);
        _unsettled.Report(result);
        ApplyRenewals(renewed, result.Renewals, leasedAt);
        CutOff();
        Start(result.Claims, leasedAt);
        _prefetch.Observe(settled.Length, _timeProvider.GetElapsedTime(_lastRound, began));
        _lastRound = began;
        _lookAt = LookAt(round, result, isBusy, settled.Any(static leased => leased.Claim.IsQuarantined));
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
        while (true)
        {
            _alarm.Reset();
            if (asked.IsCompleted)
            {
                return;
            }

            Look();
            await WaitAsync(_alarm, _leased.NextCutOffAt()).ConfigureAwait(false);
        }
    }

    private void ApplyRenewals(IReadOnlyList<LeasedDelivery> renewed, IReadOnlyList<LeaseResult> results, long leasedAt)
    {
        for (var i = 0; i < renewed.Count; i++)
        {
            switch (results[i])
            {
                case LeaseResult.Applied:
                    _leased.Extend(renewed[i], leasedAt);
                    break;
                case LeaseResult.Stale:
                    renewed[i].LeaseEndsAt = long.MinValue;
                    break;
                default:
                    renewed[i].RenewAt = _timeProvider.TimestampAfter(EnginePause.Busy);
                    break;
            }
        }

        _leased.Tick();
    }

    private void Start(IReadOnlyList<Claim> claims, long leasedAt)
    {
        _telemetry.Consumed(_engine.Name, _topic, claims.Count);
        foreach (var claim in claims)
        {
            LeasedDelivery leased = new(claim);
            _leased.Add(leased, leasedAt);
            _slots.Add(leased);
        }
    }

    private long LookAt(QueueRound round, QueueRoundResult result, bool isBusy, bool hasSettledQuarantined)
    {
        if (isBusy || (result.IsMore && result.Claims.Count == 0 && round.Limit > 0))
        {
            return _timeProvider.TimestampAfter(EnginePause.Busy);
        }

        if (result.IsMore || hasSettledQuarantined)
        {
            return long.MinValue;
        }

        var next = result.NextDueIn is { } due && due < _options.PollInterval ? due : _options.PollInterval;
        return _timeProvider.TimestampAfter(next);
    }

    // Handlers are still cut off in time; only the engine is left alone.
    private async Task PauseAsync()
    {
        var until = _timeProvider.TimestampAfter(_pause.Next);
        while (_timeProvider.GetTimestamp() < until && !_abort.IsCancellationRequested)
        {
            _signal.Reset();
            Look();
            await WaitAsync(_signal, Math.Min(_leased.NextCutOffAt(), until)).ConfigureAwait(false);
        }
    }

    private async Task WaitAsync(PumpSignal signal, long deadline)
    {
        _awaitedHandlers = Math.Min(_options.Concurrency, _leased.Count - _unsettled.Count);
        await signal.WaitAsync(deadline).ConfigureAwait(false);
        _awaitedHandlers = 0;
    }
}
