using BuildRunner.Orchestration.Telemetry;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Runners;

/// <summary>Calls one runner: in turn, in time, and measured.</summary>
internal sealed class RunnerClient : IDisposable
{
    public const string Trigger = "trigger";
    public const string Cancel = "cancel";

    private const int MaxAbandonedPerSlot = 4;

    // Of polls that wait for the same few requests. It bounds what this process keeps in hand, and not what the service sees.
    private const int SharedPolls = 512;

    private readonly IBuildRunner _runner;
    private readonly IBuildFinder? _finder;
    private readonly IBuildStatusReader? _reader;
    private readonly BuildTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly TimedCalls _calls;
    private readonly RunnerHealth _health;
    private readonly RunnerSetup _setup;
    private readonly RunnerFailures _failures;
    private readonly RunnerRate? _rate;
    private readonly RunnerGate _reads;
    private readonly RunnerGate _writes;

    public RunnerClient(string name, IBuildRunner runner, BuildRunnerOptions options, BuildTelemetry telemetry, ILogger logger, TimeProvider timeProvider, RunnerThreads threads)
    {
        Name = name;
        Options = options;
        _runner = runner;
        _finder = runner.As<IBuildFinder>();
        _reader = runner.As<IBuildStatusReader>();
        _telemetry = telemetry;
        _logger = logger;
        _timeProvider = timeProvider;
        _calls = new(name, MaxAbandonedPerSlot * options.Concurrency, logger, timeProvider, threads);
        _health = new(options, timeProvider);
        _setup = new(options, timeProvider);
        _failures = new(name, logger, timeProvider);
        _rate = options.CallsPerSecond is { } rate ? new(rate) : null;
        _reads = new(options, timeProvider);
        _writes = new(options, timeProvider);
    }

    public string Name { get; }

    public BuildRunnerOptions Options { get; }

    /// <summary>Gets a value indicating whether the runner can tell what a trigger has created.</summary>
    public bool CanFind => _finder is not null;

    /// <summary>
    /// Gets how old a status may be where the runner reads many builds with one request, or <see langword="null"/> where each poll is a
    /// request.
    /// </summary>
    public TimeSpan? Freshness => _reader?.Freshness;

    /// <summary>Gets how many calls a poll counts for that nobody has signalled: none where it is no request.</summary>
    public int CallsOfPoll => _reader is null ? 1 : 0;

    /// <summary>Gets how many polls may be under way.</summary>
    public int PollConcurrency => _reader is null ? Options.Concurrency : Math.Max(Options.Concurrency, SharedPolls);

    /// <summary>Gets for how long calls have failed and no poll or look-up was answered, or <see langword="null"/> if one was answered since, or none was made although its time had come.</summary>
    public TimeSpan? FailingFor => _health.FailingFor;

    /// <summary>Gets what the runner says is wrong with its setup, or <see langword="null"/> if it says nothing of that.</summary>
    public string? SetupFault => _setup.Fault;

    /// <summary>Gets a value indicating whether so many calls that were given up still run that no further one is made.</summary>
    public bool IsHung => _calls.AreHung;

    /// <summary>
    /// Waits until a step about a build may call the runner, but not for long: not before the time that was set, not while the runner is
    /// to be left alone, and not before its turn.
    /// </summary>
    /// <param name="reading">The build.</param>
    /// <param name="kinds">What the step calls. A limit that a poll has met leaves what triggers and cancels alone; one that these have
    /// met concerns all.</param>
    /// <param name="calls">How many calls count against the rate.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The turn, which is disposed of when the calls are over.</returns>
    public async Task<RunnerTurn> EnterAsync(BuildReading reading, RunnerCalls kinds, int calls, CancellationToken cancellationToken)
    {
        if (reading.Build?.NotBefore is { } notBefore && notBefore > reading.Now)
        {
            _telemetry.Postponed(Name, "not_before");
            return RunnerTurn.ComeBack(notBefore - reading.Now);
        }

        List<RunnerGate> trying = [];
        var isEntered = false;
        try
        {
            foreach (var gate in GatesOf(kinds, reading.Build))
            {
                var (wait, isTrying) = await gate.EnterAsync(RunnerTimes.PermitWait, cancellationToken).ConfigureAwait(false);
                if (isTrying)
                {
                    trying.Add(gate);
                }

                if (wait is { } left)
                {
                    _telemetry.Postponed(Name, "held_back");
                    return RunnerTurn.ComeBack(RunnerTimes.Later(left));
                }
            }

            if (!await TryEnterAsync(calls, cancellationToken).ConfigureAwait(false))
            {
                _telemetry.Postponed(Name, IsHung ? "hung_calls" : "no_permit");
                return RunnerTurn.ComeBack(RunnerTimes.Later(RunnerTimes.PermitWait));
            }

            isEntered = true;
            return new RunnerTurn(wait: null, trying);
        }
        finally
        {
            if (!isEntered)
            {
                trying.ForEach(static gate => gate.Leave());
            }
        }
    }

    /// <summary>
    /// Waits for its turn for some calls, but not for long. Nobody has a turn while too many calls that were given up still run.
    /// </summary>
    public async Task<bool> TryEnterAsync(int calls, CancellationToken cancellationToken) =>
        !IsHung && (_rate is null || calls == 0
            || await _rate.TryTakeAsync(calls, RunnerTimes.PermitWait, cancellationToken).ConfigureAwait(false));

    /// <summary>Triggers a build. The call has its own time and no other end: who gives it up does not know what was created. What it still does then is given to <paramref name="late"/>.</summary>
    public async Task<BuildId> TriggerAsync(Build build, Action<Task<BuildId>> late)
    {
        var buildId = await CallAsync(Trigger, build.Id, token => _runner.TriggerAsync(build.Request, token), Options.TriggerTimeout, late, CancellationToken.None).ConfigureAwait(false);
        return buildId.IsDefault ? throw NoId("TriggerAsync") : buildId;
    }

    public async Task<BuildId?> FindAsync(Build build, CancellationToken cancellationToken)
    {
        var found = await CallAsync("find", build.Id, token => _finder!.FindAsync(build.Request.TriggerKey!, token), Options.CallTimeout, Forget, cancellationToken).ConfigureAwait(false);
        return found is { IsDefault: true } ? throw NoId("FindAsync") : found;
    }

    /// <summary>Asks for a status, where that can be told from a read that is no older than an age.</summary>
    public async Task<BuildSnapshot> StatusAsync(Guid id, BuildId buildId, TimeSpan? maxAge, CancellationToken cancellationToken) =>
        await CallAsync(
            "status",
            id,
            token => _reader is not null && maxAge is { } age ? _reader.StatusAsync(buildId, age, token) : _runner.StatusAsync(buildId, token),
            Options.CallTimeout,
            Forget,
            cancellationToken).ConfigureAwait(false)
        ?? throw new InvalidOperationException($"{_runner.GetType()} returned no snapshot from StatusAsync; it must return one.");

    public Task CancelAsync(Guid id, BuildId buildId, CancellationToken cancellationToken) => CallAsync(
        Cancel,
        id,
        async token =>
        {
            await (_runner.CancelAsync(buildId, token) ?? throw NoTask(Cancel)).ConfigureAwait(false);
            return true;
        },
        Options.CallTimeout,
        Forget,
        cancellationToken);

    public void Dispose() => _rate?.Dispose();

    // An exception that nobody looks at is no error of this process.
    private static void Forget<T>(Task<T> task) => _ = task.ContinueWith(
        static late => late.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    // A build that is asked for a last time does not wait for the others: it would end without having been asked.
    private IEnumerable<RunnerGate> GatesOf(RunnerCalls kinds, Build? build)
    {
        if (build is not { LastCallEndsAt: null } || build.Status.IsTerminal())
        {
            yield break;
        }

        if (kinds.HasFlag(RunnerCalls.Reads))
        {
            yield return _reads;
        }

        if (kinds.HasFlag(RunnerCalls.Writes))
        {
            yield return _writes;
        }
    }

    private async Task<T> CallAsync<T>(string operation, Guid id, Func<CancellationToken, Task<T>> call, TimeSpan timeout, Action<Task<T>> late, CancellationToken cancellationToken)
    {
        var start = _timeProvider.GetTimestamp();
        var activity = _telemetry.StartCall(Name, operation, id);
        try
        {
            var result = await _calls.RunAsync(operation, token => call(token) ?? throw NoTask(operation), timeout, late, cancellationToken)
                .ConfigureAwait(false);
            _health.Answered(operation);
            Note(operation, id, exception: null, start);
            _telemetry.Called(Name, operation, _timeProvider.GetElapsedTime(start), error: null, activity);
            return result;
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                _health.Failed(operation, exception, start);
                Note(operation, id, exception, start);
            }

            _telemetry.Called(Name, operation, _timeProvider.GetElapsedTime(start), exception, activity);
            throw;
        }
        finally
        {
            _telemetry.End(activity);
        }
    }

    // What all builds of the runner go by. It is logged last, because a log may fail.
    private void Note(string operation, Guid id, Exception? exception, long start)
    {
        var isWrite = operation is Trigger or Cancel;
        switch (exception)
        {
            case BuildRunnerException { RetryAfter: { Ticks: > 0 } retryAfter }:
                _reads.Limit(retryAfter);
                if (isWrite)
                {
                    _writes.Limit(retryAfter);
                }

                break;
            case CallNotBegunException:
                break;
            case var _ when isWrite:
                // Limits alone close this gate, and none was met. Were it left closed, one call after the other would try.
                _writes.Answered();
                break;
            case null or BuildRunnerException { IsTransient: false }:
                _reads.Answered();
                break;
            default:
                _reads.Failed(id, start);
                break;
        }

        try
        {
            NoteSetup(operation, exception);
            NoteFailure(operation, id, exception);
        }
        catch (Exception)
        {
            // A log that is broken must not cost what the runner has answered.
        }
    }

    // A fault of the setup is told apart, and who rejects a request has looked at it.
    private void NoteFailure(string operation, Guid id, Exception? exception)
    {
        switch (exception)
        {
            case BuildRunnerConfigurationException:
                break;
            case null or BuildNotFoundException:
            case BuildRunnerException { IsTransient: false } and not TriggerOutcomeUnknownException when operation == Trigger:
                _failures.Answered(operation);
                break;
            default:
                _failures.Failed(operation, id, exception);
                break;
        }
    }

    // Once, and not for each build that waits.
    private void NoteSetup(string operation, Exception? exception)
    {
        switch (_setup.Note(operation, exception))
        {
            case true:
                Log.SetupAtFault(_logger, Name, operation, exception!);
                break;
            case false:
                Log.SetupMended(_logger, Name);
                break;
        }
    }

    private InvalidOperationException NoId(string member) => new($"{_runner.GetType()} returned a default id from {member}; it must return that of the build.");

    private InvalidOperationException NoTask(string operation) => new($"{_runner.GetType()} returned no task from '{operation}'; it must return one.");
}
