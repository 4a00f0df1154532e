using BuildRunner.Orchestration;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Provides an extension method that adds the health check of the orchestration.</summary>
public static class BuildOrchestrationHealthChecksBuilderExtensions
{
    /// <summary>Adds a health check. It is degraded while any runner is paused, and says by whom and why; and while a runner of this
    /// process is not set up correctly, has answered no poll or look-up for more than a minute despite calls, or hangs in so many calls
    /// that no more are made. It fails while the store cannot be reached or written to.</summary>
    /// <remarks>Each check writes to the database. Use it for readiness, not for liveness: a restart does not fix a database. On SQLite
    /// each check commits, which wakes consumers in other processes.</remarks>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">The status to report if the check fails, or <see langword="null"/> for <see
    /// cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">The tags of the check, or <see langword="null"/> for none.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="name"/> is <see langword="null"/>.</exception>
    public static IHealthChecksBuilder AddBuildOrchestration(
        this IHealthChecksBuilder builder,
        string name = "builds",
        HealthStatus? failureStatus = null,
        IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name,
            static provider => ActivatorUtilities.CreateInstance<BuildOrchestrationHealthCheck>(provider),
            failureStatus,
            tags));
    }
}
