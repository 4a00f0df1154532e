using BuildRunner.Orchestration.Runners;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Hosting;

/// <summary>Makes the runners when the host starts, so that one that cannot be made is found then.</summary>
internal sealed class StageStart(RunnerClients clients, IEnumerable<RunnerRegistration> runners, IEnumerable<ChangeRegistration> changes, ILogger<StageStart> logger) : IHostedService
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
}
