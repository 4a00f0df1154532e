namespace BuildRunner.Orchestration;

/// <summary>Provides the names of the telemetry, which the README documents.</summary>
internal static class OrchestrationTelemetryNames
{
    public const string ActivitySource = "BuildRunner.Orchestration";
    public const string Meter = "BuildRunner.Orchestration";
}
