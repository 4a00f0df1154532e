namespace BuildRunner.Orchestration;

/// <summary>Calls one runner, with timeouts and metrics. Callers hold a turn.</summary>
internal sealed class RunnerClient(
    string name,
    IBuildRunner runner,
    BuildRunnerOptions options,
    BuildTelemetry telemetry,
    HarmlessLogger<RunnerClient> logger,
    TimeProvider timeProvider,
    TimedCalls calls) : IDisposable
{
    public const string Trigger = "trigger";
    public const string Cancel = "cancel";

    // Polls that wait for the same few requests. It limits the load of this process, not of the service.
    private const int SharedPolls = 512;

    private readonly IBuildFinder? _finder = runner.As<IBuildFinder>();
    private readonly IBuildStatusReader? _reader = runner.As<IBuildStatusReader>();
    private readonly RunnerHealth _health = new(name, options, logger, timeProvider);
    private readonly RunnerFailures _failures = new(name, logger, timeProvider);

    public string Name => name;

    public BuildRunnerOptions Options => options;

    public RunnerTurns Turns { get; } = new(name, options, telemetry, timeProvider, calls);

    public bool CanFind => _finder is not null;

    /// <summary>The maximum age of a status if one request reads many builds, or null if each poll is a request.</summary>
    public TimeSpan? Freshness => _reader?.Freshness;

    /// <summary>The number of calls that an unsignalled poll counts for: none if it is no request.</summary>
    public int CallsOfPoll => _reader is null ? 1 : 0;

    public int PollConcurrency => _reader is null ? options.Concurrency : Math.Max(options.Concurrency, SharedPolls);

    public TimeSpan? FailingFor => _health.FailingFor;

    public string? SetupFault => _health.SetupFault;

    public bool IsHung => calls.AreHung;

    /// <summary>Triggers a build. Only its own timeout ends the call; what it still does after that is passed to <paramref
    /// name="late"/>.</summary>
    public async Task<BuildId> TriggerAsync(Build build, Action<Task<BuildId>> late)
    {
        var remoteId = await CallAsync(
            Trigger, build.Id, token => runner.TriggerAsync(build.Request, token), options.TriggerTimeout, late, CancellationToken.None)
            .ConfigureAwait(false);
        return remoteId.IsDefault ? throw NoId("TriggerAsync") : remoteId;
    }

    public async Task<BuildId?> FindAsync(Build build, CancellationToken cancellationToken)
    {
        var key = build.Request.TriggerKey!;
        var found = await CallAsync("find", build.Id, token => _finder!.FindAsync(key, token), cancellationToken).ConfigureAwait(false);
        return found is { IsDefault: true } ? throw NoId("FindAsync") : found;
    }

    /// <summary>Gets a status, from a read no older than an age if the runner supports that.</summary>
    public async Task<BuildSnapshot> StatusAsync(Guid id, BuildId remoteId, TimeSpan? maxAge, CancellationToken cancellationToken)
    {
        Func<CancellationToken, Task<BuildSnapshot>> call = _reader is not null && maxAge is { } age
            ? token => _reader.StatusAsync(remoteId, age, token)
            : token => runner.StatusAsync(remoteId, token);
        return await CallAsync("status", id, call, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException($"{runner.GetType()} returned no snapshot from StatusAsync; it must return one.");
    }

    public Task CancelAsync(Guid id, BuildId remoteId, CancellationToken cancellationToken)
    {
        return CallAsync(Cancel, id, RunAsync, cancellationToken);

        async Task<bool> RunAsync(CancellationToken token)
        {
            await (runner.CancelAsync(remoteId, token) ?? throw NoTask(Cancel)).ConfigureAwait(false);
            return true;
        }
    }

    public void Dispose() => Turns.Dispose();

    private Task<T> CallAsync<T>(
        string operation, Guid id, Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken) =>
        CallAsync(operation, id, call, options.CallTimeout, TimedCalls.Forget, cancellationToken);

    private async Task<T> CallAsync<T>(
        string operation,
        Guid id,
        Func<CancellationToken, Task<T>> call,
        TimeSpan timeout,
        Action<Task<T>> late,
        CancellationToken cancellationToken)
    {
        var start = timeProvider.GetTimestamp();
        var activity = telemetry.StartCall(name, operation, id);
        try
        {
            var result = await calls.RunAsync(operation, token => call(token) ?? throw NoTask(operation), timeout, late, cancellationToken)
                .ConfigureAwait(false);
            Note(operation, id, exception: null, start);
            telemetry.Called(name, operation, timeProvider.GetElapsedTime(start), error: null, activity);
            return result;
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                Note(operation, id, exception, start);
            }

            telemetry.Called(name, operation, timeProvider.GetElapsedTime(start), exception, activity);
            throw;
        }
        finally
        {
            telemetry.End(activity);
        }
    }

    private void Note(string operation, Guid id, Exception? exception, long start)
    {
        _health.Note(operation, exception, start);
        Turns.Note(id, operation is Trigger or Cancel, exception, start);

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
        new($"{runner.GetType()} returned a default id from {member}; it must return that of the build.");

    private InvalidOperationException NoTask(string operation) =>
        new($"{runner.GetType()} returned no task from '{operation}'; it must return one.");
}
