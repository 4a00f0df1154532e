using BuildRunner.Orchestration.Telemetry;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Runners;

/// <summary>Calls one runner, with timeouts and metrics. Callers hold a turn.</summary>
internal sealed class RunnerClient : IDisposable
{
    public const string Trigger = "trigger";
    public const string Cancel = "cancel";

    private const int MaxAbandonedPerSlot = 4;

    // Polls that wait for the same few requests. It limits the load of this process, not of the service.
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

    public RunnerClient(
        string name,
        IBuildRunner runner,
        BuildRunnerOptions options,
        BuildTelemetry telemetry,
        HarmlessLogger<RunnerClient> logger,
        TimeProvider timeProvider,
        RunnerThreads threads)
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
        Turns = new(name, options, telemetry, timeProvider, () => IsHung);
    }

    public string Name { get; }

    public BuildRunnerOptions Options { get; }

    public RunnerTurns Turns { get; }

    /// <summary>Whether the runner can look up builds by key.</summary>
    public bool CanFind => _finder is not null;

    /// <summary>The maximum age of a status if one request reads many builds, or null if each poll is a request.</summary>
    public TimeSpan? Freshness => _reader?.Freshness;

    /// <summary>The number of calls that an unsignalled poll counts for: none if it is no request.</summary>
    public int CallsOfPoll => _reader is null ? 1 : 0;

    /// <summary>The maximum number of concurrent polls.</summary>
    public int PollConcurrency => _reader is null ? Options.Concurrency : Math.Max(Options.Concurrency, SharedPolls);

    /// <summary>How long calls have failed without an answer to a poll or look-up, or null if they have not.</summary>
    public TimeSpan? FailingFor => _health.FailingFor;

    /// <summary>What is wrong with the runner's setup, or null for nothing.</summary>
    public string? SetupFault => _setup.Fault;

    /// <summary>Whether too many abandoned calls still run to make another.</summary>
    public bool IsHung => _calls.AreHung;

    /// <summary>Triggers a build. Only its own timeout ends the call; what it still does after that is passed to <paramref
    /// name="late"/>.</summary>
    public async Task<BuildId> TriggerAsync(Build build, Action<Task<BuildId>> late)
    {
        var remoteId = await CallAsync(
            Trigger,
            build.Id,
            token => _runner.TriggerAsync(build.Request, token),
            Options.TriggerTimeout,
            late,
            CancellationToken.None).ConfigureAwait(false);
        return remoteId.IsDefault ? throw NoId("TriggerAsync") : remoteId;
    }

    public async Task<BuildId?> FindAsync(Build build, CancellationToken cancellationToken)
    {
        var found = await CallAsync(
            "find",
            build.Id,
            token => _finder!.FindAsync(build.Request.TriggerKey!, token),
            Options.CallTimeout,
            Forget,
            cancellationToken).ConfigureAwait(false);
        return found is { IsDefault: true } ? throw NoId("FindAsync") : found;
    }

    /// <summary>Gets a status, from a read no older than an age if the runner supports that.</summary>
    public async Task<BuildSnapshot> StatusAsync(Guid id, BuildId remoteId, TimeSpan? maxAge, CancellationToken cancellationToken) =>
        await CallAsync(
            "status",
            id,
            token => _reader is not null && maxAge is { } age
                ? _reader.StatusAsync(remoteId, age, token)
                : _runner.StatusAsync(remoteId, token),
            Options.CallTimeout,
            Forget,
            cancellationToken).ConfigureAwait(false)
        ?? throw new InvalidOperationException($"{_runner.GetType()} returned no snapshot from StatusAsync; it must return one.");

    public Task CancelAsync(Guid id, BuildId remoteId, CancellationToken cancellationToken) => CallAsync(
        Cancel,
        id,
        async token =>
        {
            await (_runner.CancelAsync(remoteId, token) ?? throw NoTask(Cancel)).ConfigureAwait(false);
            return true;
        },
        Options.CallTimeout,
        Forget,
        cancellationToken);

    public void Dispose() => Turns.Dispose();

    // Observes the exception.
    private static void Forget<T>(Task<T> task) => _ = task.ContinueWith(
        static late => late.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private async Task<T> CallAsync<T>(
        string operation,
        Guid id,
        Func<CancellationToken, Task<T>> call,
        TimeSpan timeout,
        Action<Task<T>> late,
        CancellationToken cancellationToken)
    {
        var start = _timeProvider.GetTimestamp();
        var activity = _telemetry.StartCall(Name, operation, id);
        try
        {
            var result = await _calls.RunAsync(operation, token => call(token) ?? throw NoTask(operation), timeout, late, cancellationToken)
                .ConfigureAwait(false);
            Note(operation, id, exception: null, start);
            _telemetry.Called(Name, operation, _timeProvider.GetElapsedTime(start), error: null, activity);
            return result;
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
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

    private void Note(string operation, Guid id, Exception? exception, long start)
    {
        _health.Note(operation, exception, start);
        Turns.Note(id, operation is Trigger or Cancel, exception, start);

        // Once, and not for each build that waits.
        switch (_setup.Note(operation, exception))
        {
            case true:
                Log.SetupAtFault(_logger, Name, operation, exception!);
                break;
            case false:
                Log.SetupMended(_logger, Name);
                break;
        }

        // A faulty setup is tracked separately, and a rejection is an answer.
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

    private InvalidOperationException NoId(string member) =>
        new($"{_runner.GetType()} returned a default id from {member}; it must return that of the build.");

    private InvalidOperationException NoTask(string operation) =>
        new($"{_runner.GetType()} returned no task from '{operation}'; it must return one.");
}
