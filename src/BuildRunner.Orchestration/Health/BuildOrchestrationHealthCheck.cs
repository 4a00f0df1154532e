using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace BuildRunner.Orchestration;

/// <summary>Reports a store that cannot save, and runners that are paused, not set up correctly, do not answer, or hang.</summary>
internal sealed class BuildOrchestrationHealthCheck(IBuildStore store, RunnerClients clients, RunnerPauses pauses) : IHealthCheck
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        IReadOnlyDictionary<string, RunnerControl> controls;
        try
        {
            await store.CheckAsync(cancellationToken).ConfigureAwait(false);
            controls = await pauses.ReadAsync(cancellationToken).ConfigureAwait(false);
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
        var paused = controls
            .Where(static control => control.Value.Pause is not null)
            .OrderBy(static control => control.Key, StringComparer.Ordinal)
            .ToList();
        if (ill.Count + paused.Count == 0)
        {
            return HealthCheckResult.Healthy();
        }

        // A runner may be both.
        Dictionary<string, object> data = new(StringComparer.Ordinal);
        foreach (var (name, control) in paused)
        {
            data["paused: " + name] = control.Pause!;
        }

        foreach (var client in ill)
        {
            data["failing: " + client.Name] = client.FailingFor ?? TimeSpan.Zero;
        }

        return HealthCheckResult.Degraded(string.Join(' ', ill.Select(Describe).Concat(paused.Select(Describe))), data: data);
    }

    private static string Describe(KeyValuePair<string, RunnerControl> paused) =>
        $"The runner '{paused.Key}' {paused.Value.Pause!.What}: {paused.Value.Pause!.Describe()}";

    private static string Describe(RunnerClient client) => client.SetupFault is { } fault
        ? $"The runner '{client.Name}' is not set up correctly, and its builds wait: {fault}"
        : $"The runner '{client.Name}' has answered no poll or look-up for {Tolerance}, or hangs in so many calls that no more are made.";

    private static bool IsFailing(RunnerClient client) => client.IsHung || client.FailingFor >= Tolerance;
}
