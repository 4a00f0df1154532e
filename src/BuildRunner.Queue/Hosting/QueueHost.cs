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
    IHostApplicationLifetime? lifetime) : IHostedService, IDisposable
{
    // What is left of the host's patience after that goes to handing back what its handlers have not given up.
    private static readonly TimeSpan HandBackTimeout = TimeSpan.FromSeconds(5);

    private readonly List<ConsumerPump> _pumps = [];
    private Task _running = Task.CompletedTask;

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

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _pumps.ForEach(static pump => pump.Stop());
        if (await IsOverAsync(cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        _pumps.ForEach(static pump => pump.Hurry());
        using CancellationTokenSource patience = new(HandBackTimeout, timeProvider);
        if (!await IsOverAsync(patience.Token).ConfigureAwait(false))
        {
            _pumps.ForEach(static pump => pump.Abort());
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _pumps.ForEach(static pump => pump.Dispose());

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
                throw new InvalidOperationException($"The handler '{consumer.HandlerType}' of the topic '{consumer.Topic}' cannot be made: {exception.Message} Add what it needs to the services.", exception);
            }
        }
    }

    private async Task RunAsync(ConsumerPump pump)
    {
        try
        {
            await pump.RunAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // A host that runs on without handling anything would look well.
            Log.Broken(logger, exception);
            lifetime?.StopApplication();
            throw;
        }
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
        HandlerRunner runner = new(consumer, own, scopes, engine.Name, telemetry, timeProvider, logger);
        return new ConsumerPump(engine, consumer.Topic, own, runner, telemetry, timeProvider, logger);
    }
}
