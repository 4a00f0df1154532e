using BuildRunner.Orchestration;
using BuildRunner.Queue;

namespace OpenTelemetry.Metrics;

/// <summary>
/// Provides the registration of BuildRunner's metrics with OpenTelemetry.
/// </summary>
public static class BuildRunnerMeterProviderBuilderExtensions
{
    // By its name, because a program may have no runner over HTTP, and so not that package.
    private const string HttpMeter = "BuildRunner.Http";

    /// <summary>
    /// Adds the metrics of the queue, of the orchestration and of runners over HTTP.
    /// </summary>
    /// <param name="builder">The builder to add to.</param>
    /// <returns><paramref name="builder"/>, so that calls can be chained.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is <see langword="null"/>.</exception>
    public static MeterProviderBuilder AddBuildRunnerInstrumentation(this MeterProviderBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddMeter(OrchestrationTelemetryNames.Meter, QueueTelemetryNames.Meter, HttpMeter);
    }
}
