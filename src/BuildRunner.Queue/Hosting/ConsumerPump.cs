using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Telemetry;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Hosting;

/// <summary>The loop of one topic: tells the engine what has become of messages, and gets as many as can be handled soon.</summary>
internal sealed class ConsumerPump : IDisposable
{
    private const int MaxSettlements = 1000;

    // What another transaction has locked is free again soon; looking at once would be a busy loop.
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MinFailurePause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan MaxFailurePause = TimeSpan.FromSeconds(5);

    private readonly IQueueEngine _engine;
    private readonly string _topic;
    private readonly ConsumerOptions _options;
    private readonly QueueTelemetry _telemetry;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly PumpSignal _signal;
    private readonly HeldDeliveries _held;
    private readonly HandlerSlots _slots;
    private readonly Prefetch _prefetch = new();
    private readonly List<HeldDelivery> _unsettled = [];
    private readonly CancellationTokenSource _abort = new();
    private int _failures;
    private long _lastExchange;
    private long _lookAt = long.MinValue;
    private volatile bool _isStopping;
    private volatile bool _isHurried;
    private bool _hasCutOff;
    private volatile int _awaitedHandlers;

    public ConsumerPump(IQueueEngine engine, string topic, ConsumerOptions options, HandlerRunner runner, QueueTelemetry telemetry, TimeProvider timeProvider, ILogger logger)
    {
        _engine = engine;
        _topic = topic;
        _options = options;
        _telemetry = telemetry;
        _timeProvider = timeProvider;
        _logger = logger;
        _signal = new PumpSignal(timeProvider);
        _held = new HeldDeliveries(options, timeProvider);
        _slots = new HandlerSlots(options.Concurrency, runner, timeProvider, _signal.Wake);
        _lastExchange = timeProvider.GetTimestamp();
    }

    /// <summary>Gets how many handlers there are that will wake the pump, while it waits. For tests, which let time go on when nothing else can happen.</summary>
    public int AwaitedHandlers => _awaitedHandlers;

    public async Task RunAsync()
    {
        using var subscription = _engine.Subscribe(_topic, _signal.WakeAfter);
        while (!IsOver())
        {
            await LetHandlersRunAsync().ConfigureAwait(false);

            // Before anything is looked at, so that what happens from here on wakes the pump again.
            _signal.Reset();
            CutOff();
            _held.Tick();
            _slots.HandBackWaiting();
            TakeFinished();
            if (HasWork() && !await TryExchangeAsync().ConfigureAwait(false))
            {
                await PauseAsync().ConfigureAwait(false);
            }
            else if (!IsOver())
            {
                await WaitAsync(NextAt()).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Claims nothing any more, and cuts off what runs.</summary>
    public void Stop()
    {
        _isStopping = true;
        _signal.Wake();
    }

    /// <summary>Gives up on handlers that do not heed their token.</summary>
    public void Hurry()
    {
        _isHurried = true;
        _signal.Wake();
    }

    /// <summary>Gives up on the engine.</summary>
    public void Abort()
    {
        _abort.Cancel();
        _signal.Wake();
    }

    public void Dispose()
    {
        _signal.Dispose();
        _abort.Dispose();
    }

    // At the end of the pool's queue, so that what finishes together is settled together; where nothing is in the queue it takes no time.
    private static Task LetHandlersRunAsync() => Task.Factory.StartNew(static () => { }, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);

    private bool IsOver() => _isStopping && (_held.Count == 0 || _abort.IsCancellationRequested);

    private void CutOff()
    {
        if (_isStopping && !_hasCutOff)
        {
            _hasCutOff = true;
            _slots.Stop();
            _held.CutOffAll();
        }

        if (_isHurried)
        {
            _held.AbandonAll();
        }
    }

    private void TakeFinished()
    {
        while (_unsettled.Count < MaxSettlements && _slots.TryTakeFinished(out var held))
        {
            if (held.Reason == CutOffReason.LeaseLost || held.LeaseEndsAt <= _timeProvider.GetTimestamp())
            {
                Lose(held);
            }
            else
            {
                _unsettled.Add(held);
            }
        }
    }

    private bool HasWork() => _unsettled.Count > 0 || (!_isStopping && Capacity() > 0) || _held.RenewalsDue().Count > 0;

    private int Capacity() => _isStopping ? 0 : Math.Max(0, _options.Concurrency + _prefetch.Size - (_held.Count - _unsettled.Count));

    private long NextAt() => Math.Min(_held.NextAt(), Capacity() > 0 || _unsettled.Count > 0 ? _lookAt : long.MaxValue);

    private async Task<bool> TryExchangeAsync()
    {
        HeldDelivery[] settled = [.. _unsettled];
        var renewed = _held.RenewalsDue();
        var capacity = Capacity();
        Exchange exchange = new()
        {
            Topic = _topic,
            Policy = _options.Policy,
            LeaseDuration = _options.LeaseDuration,
            Settlements = [.. settled.Select(static held => new Settlement(held.Claim.Lease, held.Resolution!))],
            Renewals = [.. renewed.Select(static held => held.Claim.Lease)],
            Limit = capacity,
            TakesSuspect = capacity > 0 && !_held.HasSuspect,
        };
        var began = _timeProvider.GetTimestamp();
        try
        {
            var result = await _engine.ExchangeAsync(exchange, _abort.Token).ConfigureAwait(false);
            _failures = 0;
            var isBusy = ApplySettlements(settled, result.Settlements);
            ApplyRenewals(renewed, result.Renewals, began);
            Start(result.Claims, began);
            _prefetch.Observe(settled.Length, _timeProvider.GetElapsedTime(_lastExchange, began));
            _lastExchange = began;
            _lookAt = LookAt(exchange, result, isBusy, settled.Any(static held => held.Claim.IsSuspect));
            return true;
        }
        catch (Exception exception)
        {
            // What was asked is asked again later.
            _failures++;
            if (_abort.IsCancellationRequested)
            {
                Log.NotHandedBack(_logger, _topic, exception);
            }
            else
            {
                Log.EngineFailed(_logger, _topic, FailurePause(1), exception);
            }

            return false;
        }
    }

    private bool ApplySettlements(HeldDelivery[] settled, IReadOnlyList<LeaseResult> results)
    {
        _unsettled.Clear();
        for (var i = 0; i < settled.Length; i++)
        {
            switch (results[i])
            {
                case LeaseResult.Applied:
                    Settled(settled[i]);
                    break;
                case LeaseResult.Stale:
                    Lose(settled[i]);
                    break;
                default:
                    _unsettled.Add(settled[i]);
                    break;
            }
        }

        return _unsettled.Count > 0;
    }

    private void ApplyRenewals(IReadOnlyList<HeldDelivery> renewed, IReadOnlyList<LeaseResult> results, long began)
    {
        for (var i = 0; i < renewed.Count; i++)
        {
            switch (results[i])
            {
                case LeaseResult.Applied:
                    _held.Extend(renewed[i], began);
                    break;
                case LeaseResult.Stale:
                    renewed[i].LeaseEndsAt = long.MinValue;
                    break;
                default:
                    renewed[i].RenewAt = _timeProvider.TimestampAfter(BusyPause);
                    break;
            }
        }

        _held.Tick();
    }

    private void Start(IReadOnlyList<Claim> claims, long began)
    {
        _telemetry.Consumed(_engine.Name, _topic, claims.Count);
        foreach (var claim in claims)
        {
            HeldDelivery held = new(claim);
            _held.Add(held, began);
            _slots.Add(held);
        }
    }

    private long LookAt(Exchange exchange, ExchangeResult result, bool isBusy, bool hasSettledSuspect)
    {
        if (isBusy || (result.IsMore && result.Claims.Count == 0 && exchange.Limit > 0))
        {
            return _timeProvider.TimestampAfter(Jittered(BusyPause));
        }

        if (result.IsMore || hasSettledSuspect)
        {
            return long.MinValue;
        }

        var next = result.NextDueIn is { } due && due < _options.PollInterval ? due : _options.PollInterval;
        return _timeProvider.TimestampAfter(next);
    }

    private void Settled(HeldDelivery held)
    {
        var resolution = held.Resolution!;
        _held.Remove(held);
        _telemetry.Settled(_engine.Name, _topic, OutcomeOf(resolution));
        if (resolution.Kind == ResolutionKind.DeadLetter)
        {
            Log.DeadLettered(_logger, _topic, held.Claim.Delivery.Message.Id, resolution.Failure!.Reason);
        }
    }

    private static string OutcomeOf(Resolution resolution) => resolution.Kind switch
    {
        ResolutionKind.Done => "done",
        ResolutionKind.Postpone => "postpone",
        ResolutionKind.Retry => "retry",
        ResolutionKind.DeadLetter => "dead_letter",
        _ => "hand_back",
    };

    private void Lose(HeldDelivery held)
    {
        _held.Remove(held);
        _telemetry.Lost(_engine.Name, _topic);
        Log.LeaseLost(_logger, _topic, held.Claim.Delivery.Message.Id);
    }

    // Handlers are cut off in time meanwhile, but the engine is left alone.
    private async Task PauseAsync()
    {
        var until = _timeProvider.TimestampAfter(FailurePause(0.5 + (Random() / 2)));
        while (_timeProvider.GetTimestamp() < until && !_abort.IsCancellationRequested)
        {
            _signal.Reset();
            CutOff();
            _held.Tick();
            TakeFinished();
            var next = _held.NextAt();
            await WaitAsync(next > _timeProvider.GetTimestamp() ? Math.Min(next, until) : until).ConfigureAwait(false);
        }
    }

    private async Task WaitAsync(long deadline)
    {
        _awaitedHandlers = Math.Min(_options.Concurrency, _held.Count - _unsettled.Count);
        await _signal.WaitAsync(deadline).ConfigureAwait(false);
        _awaitedHandlers = 0;
    }

    private TimeSpan FailurePause(double part) =>
        TimeSpan.FromMilliseconds(Math.Min(MinFailurePause.TotalMilliseconds * Math.Pow(2, Math.Min(_failures, 20) - 1), MaxFailurePause.TotalMilliseconds) * part);

    private static TimeSpan Jittered(TimeSpan pause) => pause * (0.25 + (0.75 * Random()));

    private static double Random() => System.Random.Shared.NextDouble();
}
