using BuildRunner.Queue.Hosting;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Orchestration;

/// <summary>Creates the store, the runners and one of each observer before anything starts, to validate them. Starts the engine of the
/// queue, and waits for the runners' answers after everything else has stopped.</summary>
internal sealed class OrchestrationHostedService(
    IServiceScopeFactory scopes,
    IQueueEngine engine,
    RunnerClients clients,
    IEnumerable<RunnerRegistration> runners,
    IEnumerable<ObserverRegistration> observers,
    IEnumerable<ConsumerRegistration> consumers,
    TriggerAnswers answers,
    HarmlessLogger<OrchestrationHostedService> logger) : IHostedLifecycleService, IAsyncDisposable, IDisposable
{
    // Enough for most triggers. In real time, because disposal must end even if a test has stopped the clock. The next process looks up the
    // rest by key.
    private static readonly TimeSpan DisposeTimeout = TimeSpan.FromSeconds(10);

    private bool _isStarted;
    private bool _isDrained;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        _isStarted = true;
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            _ = scope.ServiceProvider.GetRequiredService<IBuildStore>();
            foreach (var runner in runners.Where(static runner => runner.IsLocal))
            {
                Make($"runner '{runner.Name}'", () => clients.Get(runner.Name));
            }

            // A missing one would turn every change into a dead letter.
            foreach (var observer in observers)
            {
                Make($"observer '{observer.Type}'", () => observer.Resolve(scope.ServiceProvider));
            }
        }

        await engine.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Has(typeof(DeadlineHandler)) && !Has(typeof(ChangeHandler)))
        {
            Log.ChangesLeft(logger);
        }

        return Task.CompletedTask;

        bool Has(Type handler) => consumers.Any(consumer => consumer.HandlerType == handler);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // No more steps begin. Messages were handed back, but calls are still in flight.
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        _isDrained = true;
        return answers.DrainAsync(cancellationToken);
    }

    /// <summary>Waits if nobody has: a host that fails to start disposes its services without a stop. This is disposed before the services
    /// that save.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_isStarted || _isDrained)
        {
            return;
        }

        _isDrained = true;
        answers.Close();
        using CancellationTokenSource limit = new(DisposeTimeout);
        await answers.DrainAsync(limit.Token).ConfigureAwait(false);
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static void Make(string what, Func<object> make)
    {
        try
        {
            _ = make();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"Could not create the {what}: {exception.Message} Add what it needs to the services.", exception);
        }
    }
}
