using BuildRunner.Orchestration;
using BuildRunner.Queue;

namespace OpenTelemetry.Trace;

/// <summary>
/// Provides extension methods for adding BuildRunner's traces to OpenTelemetry.
/// </summary>
public static class BuildRunnerTracerProviderBuilderExtensions
{
    /// <summary>
    /// Adds the spans of the queue and the orchestration.
    /// </summary>
    /// <param name="builder">The <see cref="TracerProviderBuilder"/> to add to.</param>
    /// <returns><paramref name="builder"/>, for chaining.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static TracerProviderBuilder AddBuildRunnerInstrumentation(this TracerProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddSource(OrchestrationTelemetryNames.ActivitySource, QueueTelemetryNames.ActivitySource);
    }
}
