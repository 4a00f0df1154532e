using BuildRunner.Orchestration;
using BuildRunner.Queue;

namespace OpenTelemetry.Metrics;

/// <summary>
/// Provides extension methods for adding BuildRunner's metrics to OpenTelemetry.
/// </summary>
public static class BuildRunnerMeterProviderBuilderExtensions
{
    // By name, because a program without runners over HTTP does not reference that package.
    private const string HttpMeter = "BuildRunner.Http";

    /// <summary>
    /// Adds the metrics of the queue, the orchestration and runners over HTTP.
    /// </summary>
    /// <param name="builder">The <see cref="MeterProviderBuilder"/> to add to.</param>
    /// <returns><paramref name="builder"/>, for chaining.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static MeterProviderBuilder AddBuildRunnerInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(OrchestrationTelemetryNames.Meter, QueueTelemetryNames.Meter, HttpMeter);
    }
}
