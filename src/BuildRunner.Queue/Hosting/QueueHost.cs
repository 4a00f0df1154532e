using Microsoft.Extensions.Hosting;

namespace BuildRunner.Queue.Hosting;

/// <summary>Runs a pump per topic while the host runs.</summary>
internal sealed class QueueHost(
    IQueueEngine engine,
    IEnumerable<ConsumerRegistration> consumers,
    IOptionsMonitor<ConsumerOptions> options,
    IServiceScopeFactory scopes,
    QueueTelemetry telemetry,
    TimeProvider timeProvider,
    ILoggerFactory? loggers = null,
    IHostApplicationLifetime? lifetime = null) : IHostedService, IAsyncDisposable, IDisposable
{
    // For handing back when the host's shutdown time-out is over, and again for an engine whose token is cancelled.
    private static readonly TimeSpan LastTimeout = TimeSpan.FromSeconds(1);

    // One patience for the handlers and one for the engine. A disposal uses real time: it must end even if a test has stopped the clock.
    private static readonly TimeSpan DisposeTimeout = 2 * LeasedDeliveries.Patience;

    private readonly ILogger _logger = HarmlessLogger.Of(loggers);
    private readonly List<ConsumerPump> _pumps = [];
    private Task _running = Task.CompletedTask;
    private volatile bool _isAborted;
    private int _isDisposed;

    public IReadOnlyList<ConsumerPump> Pumps => _pumps;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var consumer in consumers)
        {
            await TryHandlerAsync(consumer).ConfigureAwait(false);
        }

        await engine.StartAsync(cancellationToken).ConfigureAwait(false);
        _pumps.AddRange(consumers.Select(Create));
        _running = Task.WhenAll(_pumps.Select(pump => Task.Run(() => RunAsync(pump), CancellationToken.None)));
    }

    public Task StopAsync(CancellationToken cancellationToken) => StopAsync(timeProvider, cancellationToken);

    /// <summary>Stops the pumps first if needed: a host that fails to start disposes its services without a stop.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        if (!_isAborted)
        {
            using CancellationTokenSource patience = new(DisposeTimeout);
            await StopAsync(TimeProvider.System, patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // A pump that still waits for its engine still uses its resources.
        if (_running.IsCompleted)
        {
            _pumps.ForEach(static pump => pump.Dispose());
        }
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task StopAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        StopPumps();
        if (await IsOverAsync(Timeout.InfiniteTimeSpan, clock, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        _pumps.ForEach(static pump => pump.Hurry());
        if (!await IsOverAsync(LastTimeout, clock, CancellationToken.None).ConfigureAwait(false))
        {
            _isAborted = true;
            _pumps.ForEach(static pump => pump.Abort());
            if (!await IsOverAsync(LastTimeout, clock, CancellationToken.None).ConfigureAwait(false))
            {
                QueueLog.LeftBehind(_logger);
            }
        }
    }

    private void StopPumps() => _pumps.ForEach(static pump => pump.Stop());

    // Otherwise every message of the topic would become a dead letter.
    private async Task TryHandlerAsync(ConsumerRegistration consumer)
    {
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            try
            {
                _ = consumer.Resolve(scope.ServiceProvider);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException(
                    $"The handler '{consumer.HandlerType}' of the topic '{consumer.Topic}' cannot be created: {exception.Message} "
                    + "Add what it needs to the services.",
                    exception);
            }
        }
    }

    private async Task RunAsync(ConsumerPump pump)
    {
        try
        {
            await pump.RunAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (!_isAborted)
        {
            // A host that handles nothing would look healthy.
            QueueLog.Broken(_logger, exception);
            lifetime?.StopApplication();
            throw;
        }
    }

    private async Task<bool> IsOverAsync(TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        await _running.WaitAsync(patience, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_running.IsCompleted)
        {
            await _running.ConfigureAwait(false);
        }

        return _running.IsCompleted;
    }

    private ConsumerPump Create(ConsumerRegistration consumer)
    {
        var own = options.Get(consumer.Topic);
        PumpSignal signal = new(timeProvider);
        HandlerRunner runner = new(consumer, own, scopes, telemetry, timeProvider, _logger, StopPumps);
        HandlerSlots slots = new(own.Concurrency, runner, timeProvider, signal.Wake);
        LeasedDeliveries leased = new(own, slots, timeProvider, _logger);
        UnsettledDeliveries unsettled = new(consumer.Topic, leased, slots, telemetry, timeProvider, _logger);
        return new(engine, consumer.Topic, own, signal, slots, leased, unsettled, telemetry, timeProvider, _logger);
    }
}
