namespace BuildRunner.Orchestration;

/// <summary>Provides the names of the telemetry, which the README documents.</summary>
internal static class OrchestrationTelemetryNames
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/>: <c>BuildRunner.Orchestration</c>.</summary>
    public const string ActivitySource = "BuildRunner.Orchestration";

    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>: <c>BuildRunner.Orchestration</c>.</summary>
    public const string Meter = "BuildRunner.Orchestration";
}
