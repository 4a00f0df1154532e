using System.Diagnostics.Metrics;

namespace BuildRunner.Http.Sending;

/// <summary>What the metrics of .NET do not say: calls by what they are for, and reads that were saved.</summary>
internal static class HttpTelemetry
{
    public const string MeterName = "BuildRunner.Http";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> Calls = Meter.CreateCounter<long>("buildrunner.http.calls", "{call}", "Calls to the service, by operation and outcome.");

    private static readonly Counter<long> SavedReads = Meter.CreateCounter<long>("buildrunner.http.saved_reads", "{read}", "Reads that were answered without a request of their own.");

    private static readonly Histogram<int> BatchSize = Meter.CreateHistogram<int>("buildrunner.http.batch.size", "{build}", "Builds that one request reads.");

    private static readonly Gauge<long> Remaining = Meter.CreateGauge<long>("buildrunner.http.budget.remaining", "{request}", "Requests that the rate limit of the service still allows.");

    public static void RecordRemaining(string backend, long remaining) => Remaining.Record(remaining, new KeyValuePair<string, object?>("buildrunner.backend", backend));

    public static void Record(string backend, string operation, string outcome) =>
        Calls.Add(1, new("buildrunner.backend", backend), new("buildrunner.http.operation", operation), new("buildrunner.http.outcome", outcome));

    public static void RecordSaved(string backend) => SavedReads.Add(1, new KeyValuePair<string, object?>("buildrunner.backend", backend));

    public static void RecordBatch(string backend, int size) => BatchSize.Record(size, new KeyValuePair<string, object?>("buildrunner.backend", backend));
}
