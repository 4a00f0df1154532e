using BuildRunner.Orchestration.Handling;
using BuildRunner.Orchestration.Runners;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Hosting;

/// <summary>Makes the runners when the host starts, so that one that cannot be made is found then, and waits for their answers when everything else has stopped.</summary>
internal sealed class StageStart(RunnerClients clients, IEnumerable<RunnerRegistration> runners, IEnumerable<ChangeRegistration> changes, BuildAnswers answers, ILogger<StageStart> logger) : IHostedLifecycleService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var runner in runners.Where(static runner => runner.IsLocal))
        {
            _ = clients.Get(runner.Name);
        }

        if (!changes.Any())
        {
            Log.ChangesLeft(logger);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // By now no step is begun any more. What is under way was handed back, and goes on nevertheless.
    public Task StoppedAsync(CancellationToken cancellationToken) => answers.DrainAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
