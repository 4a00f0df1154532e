using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace BuildRunner.Orchestration;

/// <summary>Records the spans and metrics of the orchestration. Only spans have ids. A listener that throws has no effect.</summary>
internal sealed class BuildTelemetry : IDisposable
{
    private const string IdTag = "cicd.pipeline.run.id";
    private const string NameTag = "cicd.pipeline.name";
    private const string StateTag = "cicd.pipeline.run.state";
    private const string ResultTag = "cicd.pipeline.result";
    private const string OperationTag = "buildrunner.orchestration.operation";
    private const string ErrorTag = "error.type";
    private const string LimitTag = "buildrunner.orchestration.timeout_of";

    private static readonly double[] RunBounds = [1, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800];
    private static readonly double[] CallBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    private readonly ActivitySource _source = new(OrchestrationTelemetryNames.ActivitySource);
    private readonly Meter _meter;
    private readonly HarmlessLogger<BuildTelemetry> _logger;
    private readonly Histogram<double> _duration;
    private readonly UpDownCounter<long> _active;
    private readonly Counter<long> _errors;
    private readonly Histogram<double> _calls;
    private readonly Counter<long> _polls;
    private readonly Histogram<double> _lateness;
    private readonly Counter<long> _postpones;
    private readonly Counter<long> _deadLetters;
    private readonly Counter<long> _abandoned;
    private readonly ObservableGauge<int> _inFlight;
    private readonly ObservableGauge<int> _held;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _overBudget;
    private volatile RunnerGaugeReading? _runners;

    public BuildTelemetry(HarmlessLogger<BuildTelemetry> logger, IMeterFactory? meters = null)
    {
        _logger = logger;
        _meter = meters?.Create(OrchestrationTelemetryNames.Meter) ?? new Meter(OrchestrationTelemetryNames.Meter);
        _duration = Histogram("cicd.pipeline.run.duration", RunBounds,
            "Duration of a state of a build: pending from its submission until it runs, executing from then to its end.");
        _active = _meter.CreateUpDownCounter<long>("cicd.pipeline.run.active", "{run}",
            "Number of builds that came into a state less those that left it, as this process has seen it since its start.");
        _errors = _meter.CreateCounter<long>("cicd.pipeline.run.errors", "{error}",
            "Number of builds that ended as failed, by kind of failure, and by the limit that passed.");
        _calls = Histogram("buildrunner.orchestration.call.duration", CallBounds, "Duration of a call of a runner.");
        _polls = _meter.CreateCounter<long>("buildrunner.orchestration.polls", "{poll}", "Number of polls that were begun.");
        _lateness = Histogram("buildrunner.orchestration.poll.lateness", CallBounds, "Time from when a poll was due to when it began.");
        _postpones = _meter.CreateCounter<long>("buildrunner.orchestration.postpones", "{postpone}",
            "Number of steps that were put off, by reason.");
        _deadLetters = _meter.CreateCounter<long>("buildrunner.orchestration.dead_letters", "{build}",
            "Number of builds that were ended because one of their messages became a dead letter.");
        _abandoned = _meter.CreateCounter<long>("buildrunner.orchestration.builds.abandoned", "{build}",
            "Number of builds that ended without their runner's word, so that it may still have them.");
        _inFlight = _meter.CreateObservableGauge("buildrunner.orchestration.builds.in_flight",
            () => Runners().Where(static it => it.InFlight is not null).Select(static it => Of(it.InFlight!.Value, it.Runner)),
            "{build}",
            "Number of builds that a runner with limits has, of all processes, read every ten seconds and up to thirty seconds old.");
        _held = _meter.CreateObservableGauge("buildrunner.orchestration.runner.held",
            () => Runners().Select(static it => Of(it.IsHeld ? 1 : 0, it.Runner)),
            "{runner}",
            "Whether builds wait because a runner is held, read every ten seconds and up to thirty seconds old: 1 or 0.");
        _retries = _meter.CreateCounter<long>("buildrunner.orchestration.retries", "{attempt}",
            "Number of further attempts that were begun, by kind of failure of the last one.");
        _overBudget = _meter.CreateCounter<long>("buildrunner.orchestration.retries.over_budget", "{build}",
            "Number of builds that were not tried again because their owner had spent the budget.");

        Histogram<double> Histogram(string name, double[] bounds, string description) => _meter.CreateHistogram<double>(
            name, "s", description, tags: null, new() { HistogramBucketBoundaries = bounds });

        static Measurement<int> Of(int value, string runner) => new(value, new KeyValuePair<string, object?>(NameTag, runner));
    }

    /// <summary>Whether somebody measures what runners have and whether they are held.</summary>
    public bool MeasuresRunners => _inFlight.Enabled || _held.Enabled;

    public Activity? StartSubmit(string? runner) =>
        _source.HasListeners() ? Start("submit build", ActivityKind.Internal)?.SetTag(NameTag, runner) : null;

    public Activity? StartCall(string runner, string operation, Guid id) =>
        _source.HasListeners()
            ? Start($"{operation} {runner}", ActivityKind.Client)?
                .SetTag(NameTag, runner).SetTag(OperationTag, operation).SetTag(IdTag, id.ToString())
            : null;

    public void End(Activity? activity) => Try(activity, static it => it?.Dispose());

    public static void Describe(Activity? activity, Guid id) => activity?.SetTag(IdTag, id.ToString());

    public static void Fail(Activity? activity, Exception exception) =>
        activity?.SetStatus(ActivityStatusCode.Error, exception.Message).SetTag(ErrorTag, exception.GetType().FullName);

    public void Called(string runner, string operation, TimeSpan duration, Exception? error, Activity? activity)
    {
        TagList tags = new() { { NameTag, runner }, { OperationTag, operation } };
        if (error is not null)
        {
            tags.Add(ErrorTag, error.GetType().FullName);
            Fail(activity, error);
        }

        Record(_calls, duration, tags);
    }

    public void Submitted(Build build) => Count(build, 1);

    public void Changed(Build before, Build after)
    {
        if (before.Status == after.Status)
        {
            return;
        }

        Count(before, -1);
        if (!after.Status.IsTerminal())
        {
            Count(after, 1);
            return;
        }

        // A build may end without having been seen running.
        var ran = after.StartedAt ?? after.EndedAt;
        Record(after, "pending", ran - after.CreatedAt);
        if (after.StartedAt is not null)
        {
            Record(after, "executing", after.EndedAt - after.StartedAt);
        }

        if (after.Status == BuildStatus.Failed)
        {
            TagList tags = new() { { NameTag, after.Runner }, { ErrorTag, KindOf(after) } };
            if (after.Bookkeeping.TimeoutOf is not TimeoutOf.None and var limit && KindOf(after) == BuildFailureKinds.Timeout)
            {
                tags.Add(LimitTag, BuildLimits.NameOf(limit));
            }

            Add(_errors, tags);
        }
    }

    public void Polled(string runner, TimeSpan lateness)
    {
        TagList tags = new() { { NameTag, runner } };
        Add(_polls, tags);
        Record(_lateness, lateness > TimeSpan.Zero ? lateness : TimeSpan.Zero, tags);
    }

    public void Postponed(string runner, string reason) =>
        Add(_postpones, new() { { NameTag, runner }, { "buildrunner.orchestration.reason", reason } });

    public void DeadLettered(string runner) => Add(_deadLetters, new() { { NameTag, runner } });

    public void Abandoned(string runner) => Add(_abandoned, new() { { NameTag, runner } });

    /// <summary>Notes how all runners are, in place of what was noted before.</summary>
    /// <remarks>They are not shown for longer than <see cref="RunnerGauges.MaxAge"/>.</remarks>
    public void NoteRunners(IReadOnlyList<RunnerGauge> runners, TimeProvider timeProvider) =>
        _runners = new(runners, timeProvider.GetTimestamp(), timeProvider);

    public void Retried(string runner, string kind) => Add(_retries, new() { { NameTag, runner }, { ErrorTag, kind } });

    public void OverBudget(string runner) => Add(_overBudget, new() { { NameTag, runner } });

    public void Dispose()
    {
        _source.Dispose();
        _meter.Dispose();
    }

    private IReadOnlyList<RunnerGauge> Runners() =>
        _runners is { } read && read.Time.GetElapsedTime(read.At) <= RunnerGauges.MaxAge ? read.Runners : [];

    private void Record(Build build, string state, TimeSpan? duration)
    {
        TagList tags = new() { { NameTag, build.Runner }, { StateTag, state }, { ResultTag, ResultOf(build) } };
        if (build.Status == BuildStatus.Failed)
        {
            tags.Add(ErrorTag, KindOf(build));
        }

        Record(_duration, duration ?? TimeSpan.Zero, tags);
    }

    private Activity? Start(string name, ActivityKind kind)
    {
        var previous = Activity.Current;
        try
        {
            return _source.StartActivity(name, kind);
        }
        catch (Exception exception)
        {
            Report(exception);
            Activity.Current = previous;
            return null;
        }
    }

    private void Count(Build build, long change) =>
        Try(
            (_active, build, change),
            static it => it._active.Add(it.change, new(NameTag, it.build.Runner), new(StateTag, StateOf(it.build.Status))));

    private void Add(Counter<long> counter, in TagList tags) => Try((counter, tags), static it => it.counter.Add(1, it.tags));

    private void Record(Histogram<double> histogram, TimeSpan duration, in TagList tags) =>
        Try((histogram, duration, tags), static it => it.histogram.Record(it.duration.TotalSeconds, it.tags));

    private void Try<T>(T what, Action<T> act)
    {
        try
        {
            act(what);
        }
        catch (Exception exception)
        {
            Report(exception);
        }
    }

    private void Report(Exception exception) => Log.ListenerBroken(_logger, exception);

    private static string StateOf(BuildStatus status) => status == BuildStatus.Running ? "executing" : "pending";

    private static string ResultOf(Build build) => build.Status switch
    {
        BuildStatus.Succeeded => "success",
        BuildStatus.Cancelled => "cancellation",
        _ => KindOf(build) switch
        {
            BuildFailureKinds.Timeout => "timeout",
            BuildFailureKinds.Skipped => "skip",
            BuildFailureKinds.Infra => "error",
            _ => "failure",
        },
    };

    // Runners may return any text, and each value of a tag is one more series.
    private static string KindOf(Build build) => build.Metadata.TryGetValue(BuildMetadataKeys.FailureKind, out var kind) && kind is
        BuildFailureKinds.Code or BuildFailureKinds.Infra or BuildFailureKinds.Timeout or BuildFailureKinds.Blocked
            or BuildFailureKinds.Skipped or BuildFailureKinds.Conflict or BuildFailureKinds.Rejected
        ? kind
        : "_OTHER";
}

/// <summary>Represents how a runner is, for the metrics.</summary>
/// <param name="Runner">The name of the runner.</param>
/// <param name="InFlight">How many builds it has, or null if it has no limits.</param>
/// <param name="IsHeld">Whether it is held.</param>
internal sealed record RunnerGauge(string Runner, int? InFlight, bool IsHeld);

/// <summary>Represents how all runners were at a time.</summary>
internal sealed record RunnerGaugeReading(IReadOnlyList<RunnerGauge> Runners, long At, TimeProvider Time);
