using BuildRunner.Orchestration.Runners;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue.Engines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BuildRunner.Orchestration.Registration;

/// <summary>Makes the store, the runners and one of each observer before anything starts, so that what cannot be made is found then. Starts
/// the engine of the queue, and waits for answers of the runners when everything else has stopped.</summary>
internal sealed class OrchestrationHostedService(
    IServiceScopeFactory scopes,
    IQueueEngine engine,
    RunnerClients clients,
    IEnumerable<RunnerRegistration> runners,
    IEnumerable<ObserverRegistration> observers,
    IEnumerable<StageRegistration> stages,
    IEnumerable<ChangeRegistration> changes,
    BuildAnswers answers,
    HarmlessLogger<OrchestrationHostedService> logger) : IHostedLifecycleService, IAsyncDisposable, IDisposable
{
    // As long as most triggers take, in real time, because a disposal must end also where a test has stopped the clock. What is not
    // answered by then is looked up by its key in the next process.
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

            // One that is missing would make a dead letter of every change.
            foreach (var observer in observers)
            {
                Make($"observer '{observer.Type}'", () => observer.Resolve(scope.ServiceProvider));
            }
        }

        await engine.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (stages.Any() && !changes.Any())
        {
            Log.ChangesLeft(logger);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // By now no step is begun any more. What is under way was handed back, and goes on nevertheless.
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        _isDrained = true;
        return answers.DrainAsync(cancellationToken);
    }

    /// <summary>
    /// Waits where nobody has: a host whose start fails disposes its services without a stop. This is disposed of before what saves.
    /// </summary>
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
                $"The {what} cannot be made: {exception.Message} Add what it needs to the services.", exception);
        }
    }
}
