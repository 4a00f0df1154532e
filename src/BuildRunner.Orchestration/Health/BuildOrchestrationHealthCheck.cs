using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BuildRunner.Orchestration;

/// <summary>Reports a store that cannot save, and runners that are not set up correctly, do not answer, or hang.</summary>
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
            return new HealthCheckResult(
                context.Registration.FailureStatus, "The database of the builds cannot be reached or written to.", exception);
        }

        var ill = clients.Used
            .Where(static client => client.SetupFault is not null || IsFailing(client))
            .OrderBy(static client => client.Name, StringComparer.Ordinal)
            .ToList();
        return ill.Count == 0
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded(
                string.Join(' ', ill.Select(Describe)),
                data: ill.ToDictionary(
                    static client => client.Name,
                    static object (client) => client.FailingFor ?? TimeSpan.Zero,
                    StringComparer.Ordinal));
    }

    private static string Describe(RunnerClient client) => client.SetupFault is { } fault
        ? $"The runner '{client.Name}' is not set up correctly, and its builds wait: {fault}"
        : $"The runner '{client.Name}' has answered no poll or look-up for {Tolerance}, or hangs in so many calls that no more are made.";

    private static bool IsFailing(RunnerClient client) => client.IsHung || client.FailingFor >= Tolerance;
}
