using System.Diagnostics;
using System.Diagnostics.Metrics;
using BuildRunner.Queue.Engines;
using Microsoft.Extensions.Logging;

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

    // The semantic conventions' buckets and longer ones: a handler may take minutes.
    private static readonly InstrumentAdvice<double> DurationAdvice = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60, 120, 300, 600],
    };

    private static readonly InstrumentAdvice<double> OperationAdvice = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
    };

    private readonly ActivitySource _source = new(QueueTelemetryNames.ActivitySource);
    private readonly Meter _meter;
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

    /// <param name="meters">The factory that creates a meter per host, or <see langword="null"/> if there is none.</param>
    /// <param name="timeProvider">Times operations.</param>
    /// <param name="logger">Logs listeners that throw.</param>
    public QueueTelemetry(IMeterFactory? meters, TimeProvider timeProvider, ILogger logger)
    {
        _meter = meters?.Create(QueueTelemetryNames.Meter) ?? new Meter(QueueTelemetryNames.Meter);
        _timeProvider = timeProvider;
        _logger = HarmlessLogger.Of(logger);
        _sent = _meter.CreateCounter<long>("messaging.client.sent.messages", "{message}", "Number of messages that were published.");
        _consumed = _meter.CreateCounter<long>("messaging.client.consumed.messages", "{message}", "Number of messages that were claimed.");
        _duration = _meter.CreateHistogram<double>(
            "messaging.process.duration", "s", "Duration of handling a message.", tags: null, DurationAdvice);
        _operation = _meter.CreateHistogram<double>(
            "messaging.client.operation.duration",
            "s",
            "Duration of a publish, or of a round that settles and claims.",
            tags: null,
            OperationAdvice);
        _settled = _meter.CreateCounter<long>(
            "buildrunner.queue.settled.messages", "{message}", "Number of messages that were settled, by outcome.");
        _lost = _meter.CreateCounter<long>(
            "buildrunner.queue.lost.leases",
            "{lease}",
            "Number of leases that ended before their message was settled, as seen by their holder.");
        _expired = _meter.CreateCounter<long>(
            "buildrunner.queue.expired.leases",
            "{lease}",
            "Number of expired leases that were found, of any holder.");
        _replaced = _meter.CreateCounter<long>(
            "buildrunner.queue.replaced.dead_letters",
            "{message}",
            "Number of dead letters that were replaced by a new one with the same identity.");
    }

    public Activity? StartPublish(string system, string topic) =>
        _source.HasListeners()
            ? Describe(Start($"publish {topic}", ActivityKind.Producer, Activity.Current, default, null), system, topic, "publish", "send")
            : null;

    public Activity? StartProcess(string system, Delivery delivery)
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
        return Describe(activity, system, delivery.Topic, "process", "process")?
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

    public long GetTimestamp() => _timeProvider.GetTimestamp();

    /// <summary>Measures a publish that succeeded or failed.</summary>
    public void Published(string system, string? topic, long began, Exception? failure) =>
        Operated(system, topic, "publish", "send", began, failure);

    /// <summary>Runs a round and measures its duration.</summary>
    public async Task<QueueRoundResult> RunRoundAsync(IQueueEngine engine, QueueRound round, CancellationToken cancellationToken)
    {
        var began = GetTimestamp();
        var type = round.Limit > 0 || round.TakesQuarantined ? "receive" : "settle";
        try
        {
            var result = await engine.RunRoundAsync(round, cancellationToken).ConfigureAwait(false);
            Operated(engine.Name, round.Topic, "round", type, began, failure: null);
            return result;
        }
        catch (Exception exception)
        {
            Operated(engine.Name, round.Topic, "round", type, began, exception);
            throw;
        }
    }

    public void Sent(string system, string topic, int count) =>
        Add(_sent, count, new() { { SystemTag, system }, { DestinationTag, topic }, { OperationTag, "publish" } });

    public void Consumed(string system, string topic, int count)
    {
        if (count > 0)
        {
            Add(_consumed, count, new() { { SystemTag, system }, { DestinationTag, topic }, { OperationTag, "claim" } });
        }
    }

    public void Processed(string system, string topic, TimeSpan duration, string? errorType)
    {
        TagList tags = new() { { SystemTag, system }, { DestinationTag, topic }, { OperationTag, "process" } };
        if (errorType is not null)
        {
            tags.Add(ErrorTag, errorType);
        }

        Record(_duration, duration, tags);
    }

    public void Settled(string system, string topic, ResolutionKind kind) =>
        Add(_settled, 1, new() { { SystemTag, system }, { DestinationTag, topic }, { "buildrunner.queue.outcome", NameOf(kind) } });

    public void Lost(string system, string topic) => Add(_lost, 1, new() { { SystemTag, system }, { DestinationTag, topic } });

    public void Expired(string system, string topic) => Add(_expired, 1, new() { { SystemTag, system }, { DestinationTag, topic } });

    public void DeadLetterReplaced(string system, string topic) =>
        Add(_replaced, 1, new() { { SystemTag, system }, { DestinationTag, topic } });

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

    private void Operated(string system, string? topic, string name, string type, long began, Exception? failure)
    {
        if (!_operation.Enabled)
        {
            return;
        }

        TagList tags = new() { { SystemTag, system }, { OperationTag, name }, { OperationTypeTag, type } };
        if (topic is not null)
        {
            tags.Add(DestinationTag, topic);
        }

        if (failure is not null)
        {
            tags.Add(ErrorTag, failure.GetType().FullName);
        }

        Record(_operation, _timeProvider.GetElapsedTime(began), tags);
    }

    private void Add(Counter<long> counter, long count, in TagList tags)
    {
        try
        {
            counter.Add(count, tags);
        }
        catch (Exception exception)
        {
            QueueLog.ListenerBroken(_logger, exception);
        }
    }

    private void Record(Histogram<double> histogram, TimeSpan duration, in TagList tags)
    {
        try
        {
            histogram.Record(duration.TotalSeconds, tags);
        }
        catch (Exception exception)
        {
            QueueLog.ListenerBroken(_logger, exception);
        }
    }
}
