namespace BuildRunner.Queue;

internal static class QueueTelemetryNames
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/>: <c>BuildRunner.Queue</c>.</summary>
    public const string ActivitySource = "BuildRunner.Queue";

    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>: <c>BuildRunner.Queue</c>.</summary>
    public const string Meter = "BuildRunner.Queue";
}
