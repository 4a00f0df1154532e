namespace BuildRunner.Orchestration.Tests.Telemetry;

/// <summary>Tests that listen by OpenTelemetry, and beside which no other runs: its metrics are found by the names of meters, and forgets what one host has measured when the meters of another are disposed of.</summary>
[CollectionDefinition(DisableParallelization = true)]
public sealed class TelemetryAlone;
