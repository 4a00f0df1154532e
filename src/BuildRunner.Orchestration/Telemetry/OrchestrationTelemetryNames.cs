namespace BuildRunner.Orchestration;

/// <summary>The names under which the orchestration is traced and measured, which its README promises.</summary>
internal static class OrchestrationTelemetryNames
{
    /// <summary>The name of the <see cref="System.Diagnostics.ActivitySource"/>: <c>BuildRunner.Orchestration</c>.</summary>
    public const string ActivitySource = "BuildRunner.Orchestration";

    /// <summary>The name of the <see cref="System.Diagnostics.Metrics.Meter"/>: <c>BuildRunner.Orchestration</c>.</summary>
    public const string Meter = "BuildRunner.Orchestration";
}
