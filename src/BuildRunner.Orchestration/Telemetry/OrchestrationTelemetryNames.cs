namespace BuildRunner.Orchestration;

/// <summary>
/// Provides the names under which the orchestration is traced and measured.
/// </summary>
/// <remarks>The package <c>BuildRunner.OpenTelemetry</c> adds both to OpenTelemetry.</remarks>
public static class OrchestrationTelemetryNames
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/>: <c>BuildRunner.Orchestration</c>.</summary>
    public const string ActivitySource = "BuildRunner.Orchestration";

    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>: <c>BuildRunner.Orchestration</c>.</summary>
    public const string Meter = "BuildRunner.Orchestration";
}
