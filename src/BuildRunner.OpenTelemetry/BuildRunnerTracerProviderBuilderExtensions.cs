using BuildRunner.Orchestration;
using BuildRunner.Queue;

namespace OpenTelemetry.Trace;

/// <summary>
/// Provides the registration of BuildRunner's spans with OpenTelemetry.
/// </summary>
public static class BuildRunnerTracerProviderBuilderExtensions
{
    /// <summary>
    /// Adds the spans of the queue and of the orchestration.
    /// </summary>
    /// <param name="builder">The builder to add to.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TracerProviderBuilder AddBuildRunnerInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource(OrchestrationTelemetryNames.ActivitySource, QueueTelemetryNames.ActivitySource);
    }
}
