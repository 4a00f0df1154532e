namespace BuildRunner.Queue;

/// <summary>
/// Provides the names under which the queue is traced and measured.
/// </summary>
/// <remarks>The package <c>BuildRunner.OpenTelemetry</c> adds both to OpenTelemetry.</remarks>
public static class QueueTelemetryNames
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/>: <c>BuildRunner.Queue</c>.</summary>
    public const string ActivitySource = "BuildRunner.Queue";

    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>: <c>BuildRunner.Queue</c>.</summary>
    public const string Meter = "BuildRunner.Queue";
}
