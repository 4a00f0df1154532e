using BuildRunner.Orchestration.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// Provides the health check of the orchestration.
/// </summary>
public static class BuildOrchestrationHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a health check. It is degraded while a runner of this process says that it is not set up correctly, has answered no poll and no
    /// look-up for more than a minute although calls were made, or hangs in so many calls that no further one is made. It has failed while
    /// the store cannot be reached or does not take writes.
    /// </summary>
    /// <remarks>Each check writes to the database. Use it for readiness, not for liveness: a restart does not mend a database. On SQLite
    /// each check is a commit, which wakes consumers of other processes.</remarks>
    /// <param name="builder">The health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="failureStatus">What is reported while the store cannot be reached or does not take writes, or <see langword="null"/>
    /// for <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">The tags of the check, or <see langword="null"/> for none.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> or <paramref name="name"/> is <see langword="null"/>.</exception>
    public static IHealthChecksBuilder AddBuildOrchestration(this IHealthChecksBuilder builder, string name = "builds", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(name, static provider => ActivatorUtilities.CreateInstance<BuildOrchestrationHealthCheck>(provider), failureStatus, tags));
    }
}
