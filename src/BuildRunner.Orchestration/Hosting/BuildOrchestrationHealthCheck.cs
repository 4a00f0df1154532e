using BuildRunner.Orchestration.Runners;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BuildRunner.Orchestration.Hosting;

/// <summary>Says that nothing can be saved, or that a runner has answered nothing for long, or hangs so that it is called no more.</summary>
internal sealed class BuildOrchestrationHealthCheck(IBuildStore store, RunnerClients clients) : IHealthCheck
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.CheckAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, "The database of the builds cannot be reached, or cannot be written to.", exception);
        }

        var failing = clients.Used
            .Where(static client => client.IsHung || client.FailingFor >= Tolerance)
            .ToDictionary(static client => client.Name, static object (client) => client.FailingFor ?? TimeSpan.Zero, StringComparer.Ordinal);
        return failing.Count == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded($"No poll or look-up was answered for more than {Tolerance}, or so many calls hang that none is made, of these runners: {string.Join(", ", failing.Keys)}.", data: failing);
    }
}
