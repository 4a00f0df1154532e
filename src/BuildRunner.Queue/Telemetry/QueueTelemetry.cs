using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace BuildRunner.Queue.Telemetry;

/// <summary>Records spans and measurements of a queue by the semantic conventions for messaging. Ids and partition keys are only in spans:
/// each tag value creates a metric series. Nothing here throws, even if a listener does.</summary>
internal sealed class QueueTelemetry : IDisposable
{
    private const string SystemTag = "messaging.system";
    private const string DestinationTag = "messaging.destination.name";
    private const string OperationTag = "messaging.operation.name";
    private const string OperationTypeTag = "messaging.operation.type";
    private const string ErrorTag = "error.type";

    // The buckets of the semantic conventions.
    private static readonly double[] Buckets = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly ActivitySource _source = new(QueueTelemetryNames.ActivitySource);
    private readonly Meter _meter;
    private readonly IQueueEngine _engine;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly Counter<long> _sent;
    private readonly Counter<long> _consumed;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _expired;
    private readonly Counter<long> _replaced;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _operation;

    public QueueTelemetry(
        IQueueEngine engine, TimeProvider timeProvider, IMeterFactory? meters = null, ILoggerFactory? loggers = null)
    {
        // A meter per host, if there is a factory.
        _meter = meters?.Create(QueueTelemetryNames.Meter) ?? new Meter(QueueTelemetryNames.Meter);
        _engine = engine;
        _timeProvider = timeProvider;
        _logger = HarmlessLogger.Of(loggers);
        _sent = Counter("messaging.client.sent.messages", "{message}", "Number of messages that were published.");
        _consumed = Counter("messaging.client.consumed.messages", "{message}", "Number of messages that were claimed.");
        _settled = Counter("buildrunner.queue.settled.messages", "{message}", "Number of messages that were settled, by outcome.");
        _lost = Counter(
            "buildrunner.queue.lost.leases",
            "{lease}",
            "Number of leases that ended before their message was settled, as seen by their holder.");
        _expired = Counter("buildrunner.queue.expired.leases", "{lease}", "Number of expired leases that were found, of any holder.");
        _replaced = Counter(
            "buildrunner.queue.replaced.dead_letters",
            "{message}",
            "Number of dead letters that were replaced by a new one with the same identity.");

        // A handler may take minutes.
        _duration = Histogram("messaging.process.duration", "Duration of handling a message.", [.. Buckets, 30, 60, 120, 300, 600]);
        _operation = Histogram(
            "messaging.client.operation.duration", "Duration of a publish, or of a round that settles and claims.", Buckets);
    }

    public Activity? StartPublish(string topic) =>
        _source.HasListeners()
            ? Describe(Start($"publish {topic}", ActivityKind.Producer, Activity.Current, default, null), topic, "publish", "send")
            : null;

    public Activity? StartProcess(Delivery delivery)
    {
        if (!_source.HasListeners())
        {
            return null;
        }

        // A first delivery continues the publisher's trace; a later one begins its own, or a postponed message would make an endless trace.
        var hasPublisher = TraceHeaders.TryRead(delivery.Message, out var publisher);
        var isFirst = delivery.Deliveries == 1;
        var previous = Activity.Current;
        Activity.Current = null;
        var activity = Start(
            $"process {delivery.Topic}",
            ActivityKind.Consumer,
            previous,
            isFirst ? publisher : default,
            hasPublisher && !isFirst ? [new ActivityLink(publisher)] : null);
        return Describe(activity, delivery.Topic, "process", "process")?
            .SetTag("messaging.message.id", delivery.Message.Id)
            .SetTag("buildrunner.queue.partition_key", delivery.Message.PartitionKey)
            .SetTag("buildrunner.queue.attempt", delivery.Attempt)
            .SetTag("buildrunner.queue.deliveries", delivery.Deliveries);
    }

    public void End(Activity? activity)
    {
        try
        {
            activity?.Dispose();
        }
        catch (Exception exception)
        {
            QueueLog.ListenerBroken(_logger, exception);
        }
    }

    /// <summary>Publishes and measures the duration.</summary>
    // The topic is null if there are several.
    public Task<T> PublishAsync<T>(string? topic, Func<Task<T>> publish) => MeasureAsync(topic, "publish", "send", publish);

    public Task<QueueRoundResult> RunRoundAsync(IQueueEngine engine, QueueRound round, CancellationToken cancellationToken) => MeasureAsync(
        round.Topic,
        "round",
        round.Limit > 0 || round.TakesQuarantined ? "receive" : "settle",
        () => engine.RunRoundAsync(round, cancellationToken));

    public void Sent(string topic, int count) => Add(_sent, topic, count, OperationTag, "publish");

    public void Consumed(string topic, int count)
    {
        if (count > 0)
        {
            Add(_consumed, topic, count, OperationTag, "claim");
        }
    }

    public void Processed(string topic, long began, string? errorType)
    {
        TagList tags = new() { { SystemTag, _engine.Name }, { DestinationTag, topic }, { OperationTag, "process" } };
        Record(_duration, began, tags, (ErrorTag, errorType));
    }

    public void Settled(string topic, OutcomeKind kind) => Add(_settled, topic, 1, "buildrunner.queue.outcome", kind switch
    {
        OutcomeKind.Done => "done",
        OutcomeKind.Postpone => "postpone",
        OutcomeKind.Retry => "retry",
        OutcomeKind.Reject => "dead_letter",
        _ => "hand_back",
    });

    public void Lost(string topic) => Add(_lost, topic);

    public void Expired(string topic) => Add(_expired, topic);

    public void DeadLetterReplaced(string topic) => Add(_replaced, topic);

    public void Dispose()
    {
        _source.Dispose();
        _meter.Dispose();
    }

    private Counter<long> Counter(string name, string unit, string description) => _meter.CreateCounter<long>(name, unit, description);

    private Histogram<double> Histogram(string name, string description, double[] buckets) => _meter.CreateHistogram(
        name, "s", description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });

    private Activity? Describe(Activity? activity, string topic, string operation, string type) => activity?
        .SetTag(SystemTag, _engine.Name).SetTag(DestinationTag, topic).SetTag(OperationTag, operation).SetTag(OperationTypeTag, type);

    private Activity? Start(string name, ActivityKind kind, Activity? previous, ActivityContext parent, IEnumerable<ActivityLink>? links)
    {
        Activity? activity = null;
        try
        {
            activity = _source.StartActivity(name, kind, parent, tags: null, links);
        }
        catch (Exception exception)
        {
            QueueLog.ListenerBroken(_logger, exception);
        }

        if (activity is null)
        {
            Activity.Current = previous;
        }

        return activity;
    }

    private async Task<T> MeasureAsync<T>(string? topic, string name, string type, Func<Task<T>> operate)
    {
        var began = _timeProvider.GetTimestamp();
        string? errorType = null;
        try
        {
            return await operate().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            errorType = exception.GetType().FullName;
            throw;
        }
        finally
        {
            TagList tags = new() { { SystemTag, _engine.Name }, { OperationTag, name }, { OperationTypeTag, type } };
            Record(_operation, began, tags, (DestinationTag, topic), (ErrorTag, errorType));
        }
    }

    private void Add(Counter<long> counter, string topic, long count = 1, string? tag = null, string? value = null)
    {
        TagList tags = new() { { SystemTag, _engine.Name }, { DestinationTag, topic } };
        if (tag is not null)
        {
            tags.Add(tag, value);
        }

        try
        {
            counter.Add(count, tags);
        }
        catch (Exception exception)
        {
            QueueLog.ListenerBroken(_logger, exception);
        }
    }

    private void Record(Histogram<double> histogram, long began, TagList tags, params ReadOnlySpan<(string Tag, string? Value)> optional)
    {
        foreach (var (tag, value) in optional)
        {
            if (value is not null)
            {
                tags.Add(tag, value);
            }
        }

        try
        {
            histogram.Record(_timeProvider.GetElapsedTime(began).TotalSeconds, tags);
        }
        catch (Exception exception)
        {
            QueueLog.ListenerBroken(_logger, exception);
        }
    }
}
