using System.Diagnostics;
using System.Diagnostics.Metrics;
using BuildRunner.Queue.Engines;

namespace BuildRunner.Queue.Telemetry;

/// <summary>The spans and measurements of one queue, named by the semantic conventions for messaging. An id or a partition key is in spans alone: a metric has one series per value of its tags.</summary>
internal sealed class QueueTelemetry : IDisposable
{
    public const string SourceName = "BuildRunner.Queue";

    private const string SystemTag = "messaging.system";
    private const string DestinationTag = "messaging.destination.name";
    private const string OperationTag = "messaging.operation.name";
    private const string OperationTypeTag = "messaging.operation.type";
    private const string ErrorTag = "error.type";

    // Those of the semantic conventions, and beyond: a handler may take minutes.
    private static readonly InstrumentAdvice<double> DurationAdvice = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120, 300, 600] };

    private readonly ActivitySource _source = new(SourceName);
    private readonly Meter _meter = new(SourceName);
    private readonly Counter<long> _sent;
    private readonly Counter<long> _consumed;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _lapsed;
    private readonly Histogram<double> _duration;

    public QueueTelemetry()
    {
        _sent = _meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Number of messages that were published.");
        _consumed = _meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Number of messages that were claimed.");
        _duration = _meter.CreateHistogram<double>("messaging.process.duration", "s", "Duration of handling a message.", tags: null, DurationAdvice);
        _settled = _meter.CreateCounter<long>("buildrunner.queue.settled.messages", "{message}", "Number of messages that were settled, by what became of them.");
        _lost = _meter.CreateCounter<long>("buildrunner.queue.lost.leases", "{lease}", "Number of leases that ended before their message was settled, of those whose holder has noticed.");
        _lapsed = _meter.CreateCounter<long>("buildrunner.queue.lapsed.leases", "{lease}", "Number of leases of any holder that were found to have ended, as after the death of a process.");
    }

    public Activity? StartPublish(string system, string topic)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        return Describe(_source.StartActivity($"publish {topic}", ActivityKind.Producer), system, topic, "publish", "send");
    }

    public Activity? StartProcess(string system, Delivery delivery)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        // A message that is postponed for days would make one trace without end; a first delivery goes on with that of its publisher, and a later one begins its own, as one without a publisher does.
        var hasPublisher = TraceHeaders.TryRead(delivery.Message, out var publisher);
        var isFirst = delivery.Deliveries == 1;
        var previous = Activity.Current;
        Activity.Current = null;
        var activity = _source.StartActivity($"process {delivery.Topic}", ActivityKind.Consumer, isFirst ? publisher : default, tags: null, links: hasPublisher && !isFirst ? [new ActivityLink(publisher)] : null);
        if (activity is null)
        {
            Activity.Current = previous;
        }

        return Describe(activity, system, delivery.Topic, "process", "process")?
            .SetTag("messaging.message.id", delivery.Message.Id)
            .SetTag("buildrunner.queue.partition_key", delivery.Message.PartitionKey)
            .SetTag("buildrunner.queue.attempt", delivery.Attempt)
            .SetTag("buildrunner.queue.deliveries", delivery.Deliveries);
    }

    public void Sent(string system, string topic, int count) =>
        _sent.Add(count, new(SystemTag, system), new(DestinationTag, topic), new(OperationTag, "publish"));

    public void Consumed(string system, string topic, int count)
    {
        if (count > 0)
        {
            _consumed.Add(count, new(SystemTag, system), new(DestinationTag, topic), new(OperationTag, "claim"));
        }
    }

    public void Processed(string system, string topic, TimeSpan duration, string? errorType)
    {
        TagList tags = new() { { SystemTag, system }, { DestinationTag, topic }, { OperationTag, "process" } };
        if (errorType is not null)
        {
            tags.Add(ErrorTag, errorType);
        }

        _duration.Record(duration.TotalSeconds, tags);
    }

    public void Settled(string system, string topic, ResolutionKind kind) =>
        _settled.Add(1, new(SystemTag, system), new(DestinationTag, topic), new("buildrunner.queue.outcome", NameOf(kind)));

    public void Lost(string system, string topic) => _lost.Add(1, new(SystemTag, system), new KeyValuePair<string, object?>(DestinationTag, topic));

    public void Lapsed(string system, string topic) => _lapsed.Add(1, new(SystemTag, system), new KeyValuePair<string, object?>(DestinationTag, topic));

    public void Dispose()
    {
        _source.Dispose();
        _meter.Dispose();
    }

    private static string NameOf(ResolutionKind kind) => kind switch
    {
        ResolutionKind.Done => "done",
        ResolutionKind.Postpone => "postpone",
        ResolutionKind.Retry => "retry",
        ResolutionKind.DeadLetter => "dead_letter",
        _ => "hand_back",
    };

    private static Activity? Describe(Activity? activity, string system, string topic, string operation, string type) => activity?
        .SetTag(SystemTag, system)
        .SetTag(DestinationTag, topic)
        .SetTag(OperationTag, operation)
        .SetTag(OperationTypeTag, type);
}
