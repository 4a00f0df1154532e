using System.Diagnostics.Metrics;

namespace BuildRunner.Http.Sending;

/// <summary>Provides the metrics that .NET does not have: calls by operation, and saved reads.</summary>
internal static class HttpTelemetry
{
    public const string MeterName = "BuildRunner.Http";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> Calls = Meter.CreateCounter<long>(
        "buildrunner.http.calls",
        "{call}",
        "Calls to the service, by operation and outcome.");

    private static readonly Counter<long> SavedReads = Meter.CreateCounter<long>(
        "buildrunner.http.saved_reads",
        "{read}",
        "Reads answered without a separate request.");

    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>(
        "buildrunner.http.batch.size",
        "{build}",
        "Builds read by one request.");

    private static readonly Gauge<long> Remaining = Meter.CreateGauge<long>(
        "buildrunner.http.budget.remaining",
        "{request}",
        "Requests left in the rate limit of the service.");

    public static void RecordRemaining(string backend, long remaining) =>
        Remaining.Record(remaining, new KeyValuePair<string, object?>("buildrunner.backend", backend));

    public static void Record(string backend, string operation, string outcome) =>
        Calls.Add(
            1,
            new("buildrunner.backend", backend),
            new("buildrunner.http.operation", operation),
            new("buildrunner.http.outcome", outcome));

    public static void RecordSaved(string backend) => SavedReads.Add(1, new KeyValuePair<string, object?>("buildrunner.backend", backend));

    public static void RecordBatch(string backend, int size) =>
        BatchSize.Record(size, new KeyValuePair<string, object?>("buildrunner.backend", backend));
}
