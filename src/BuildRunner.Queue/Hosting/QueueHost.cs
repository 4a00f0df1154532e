using BuildRunner.Queue.Engines;
using BuildRunner.Queue.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace BuildRunner.Queue.Hosting;

/// <summary>Starts and stops a pump per topic with the host.</summary>
internal sealed class QueueHost(
    IQueueEngine engine,
    IReadOnlyList<ConsumerRegistration> consumers,
    IOptionsMonitor<ConsumerOptions> options,
    IServiceScopeFactory scopes,
    QueueTelemetry telemetry,
    TimeProvider timeProvider,
    ILogger logger,
    IHostApplicationLifetime? lifetime) : IHostedService, IAsyncDisposable, IDisposable
{
    // The host is out of patience by then, so handing back what its handlers have not given up must be quick.
    private static readonly TimeSpan HandBackTimeout = TimeSpan.FromSeconds(1);

    // An engine that heeds its token lets go at once.
    private static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(1);

    // As long as handlers are waited for, and as long again for the engine. It is real time, as is all of a disposal, because a disposal
    // must end also where a test has stopped the clock.
    private static readonly TimeSpan DisposeTimeout = 2 * LeasedDeliveries.Patience;

    private readonly ILogger _logger = HarmlessLogger.Of(logger);
    private readonly List<ConsumerPump> _pumps = [];
    private Task _running = Task.CompletedTask;
    private volatile bool _isAborted;
    private int _isDisposed;

    /// <summary>Gets the pumps, once the host has started.</summary>
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

    /// <summary>Stops first where nobody has: a host whose start fails disposes its services without a stop.</summary>
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

        // A pump that its engine has not let go still uses what is its own.
        if (_running.IsCompleted)
        {
            _pumps.ForEach(static pump => pump.Dispose());
        }
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async Task StopAsync(TimeProvider clock, CancellationToken cancellationToken)
    {
        StopPumps();
        if (await IsOverAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        _pumps.ForEach(static pump => pump.Hurry());
        if (!await IsOverAsync(HandBackTimeout, clock).ConfigureAwait(false))
        {
            _isAborted = true;
            _pumps.ForEach(static pump => pump.Abort());
            if (!await IsOverAsync(AbortTimeout, clock).ConfigureAwait(false))
            {
                QueueLog.LeftBehind(_logger);
            }
        }
    }

    private void StopPumps() => _pumps.ForEach(static pump => pump.Stop());

    // A handler that cannot be made would make dead letters of all messages of its topic.
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
            // A host that runs on without handling anything would look well.
            QueueLog.Broken(_logger, exception);
            lifetime?.StopApplication();
            throw;
        }
    }

    private async Task<bool> IsOverAsync(TimeSpan patience, TimeProvider clock)
    {
        using CancellationTokenSource cancellation = new(patience, clock);
        return await IsOverAsync(cancellation.Token).ConfigureAwait(false);
    }

    private async Task<bool> IsOverAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private ConsumerPump Create(ConsumerRegistration consumer)
    {
        var own = options.Get(consumer.Topic);
        HandlerRunner runner = new(consumer, own, scopes, engine.Name, telemetry, timeProvider, _logger, StopPumps);
        return new ConsumerPump(engine, consumer.Topic, own, runner, telemetry, timeProvider, _logger);
    }
}
