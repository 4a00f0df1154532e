using BuildRunner.Orchestration.Hosting;
using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Runners;

/// <summary>Calls one runner: in turn, in time, and measured.</summary>
internal sealed class RunnerClient : IDisposable
{
    public const string Trigger = "trigger";
    public const string Cancel = "cancel";

    private const int MaxAbandonedPerSlot = 4;

    private readonly IBuildRunner _runner;
    private readonly IBuildFinder? _finder;
    private readonly BuildTelemetry _telemetry;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly RunnerThreads _threads;
    private readonly RunnerHealth _health;
    private readonly RunnerSetup _setup;
    private readonly RunnerRate? _rate;
    private readonly int _mostAbandoned;
    private int _abandoned;

    // Once seen, the threads that others need are left alone.
    private volatile bool _isBlocking;

    public RunnerClient(string name, IBuildRunner runner, BuildRunnerOptions options, BuildTelemetry telemetry, ILogger logger, TimeProvider timeProvider, RunnerThreads threads)
    {
        Name = name;
        Options = options;
        _runner = runner;
        _finder = runner.As<IBuildFinder>();
        _telemetry = telemetry;
        _logger = logger;
        _timeProvider = timeProvider;
        _threads = threads;
        _health = new(options, timeProvider);
        _setup = new(options, timeProvider);
        _rate = options.CallsPerSecond is { } rate ? new(rate) : null;
        _mostAbandoned = MaxAbandonedPerSlot * options.Concurrency;
    }

    public string Name { get; }

    public BuildRunnerOptions Options { get; }

    /// <summary>Gets a value indicating whether the runner can tell what a trigger has created.</summary>
    public bool CanFind => _finder is not null;

    /// <summary>Gets for how long calls have failed and no poll or look-up was answered, or <see langword="null"/> if one was answered since, or none was made although its time had come.</summary>
    public TimeSpan? FailingFor => _health.FailingFor;

    /// <summary>Gets what the runner says is wrong with its setup, or <see langword="null"/> if it says nothing of that.</summary>
    public string? SetupFault => _setup.Fault;

    /// <summary>Gets a value indicating whether so many calls that were given up still run that no further one is made.</summary>
    public bool IsHung => Volatile.Read(ref _abandoned) >= _mostAbandoned;

    /// <summary>Waits until a step about a build may call the runner, but not for long: not before the time that was set, and not before its turn.</summary>
    /// <returns><see langword="null"/> if it may, else when it comes back.</returns>
    public async Task<Outcome?> EnterAsync(BuildReading reading, int calls, CancellationToken cancellationToken)
    {
        if (reading.Build?.NotBefore is { } notBefore && notBefore > reading.Now)
        {
            _telemetry.Postponed(Name, "not_before");
            return Outcome.Postpone(notBefore - reading.Now);
        }

        if (await TryEnterAsync(calls, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        _telemetry.Postponed(Name, IsHung ? "hung_calls" : "no_permit");
        return Outcome.Postpone(RunnerTimes.Later(RunnerTimes.PermitWait));
    }

    /// <summary>Waits for its turn for one call or two, but not for long. Nobody has a turn while too many calls that were given up still run.</summary>
    public async Task<bool> TryEnterAsync(int calls, CancellationToken cancellationToken) =>
        !IsHung && (_rate is null || await _rate.TryTakeAsync(calls, RunnerTimes.PermitWait, cancellationToken).ConfigureAwait(false));

    /// <summary>Triggers a build. The call has its own time and no other end: who gives it up does not know what was created. What it still does then is given to <paramref name="late"/>.</summary>
    public async Task<BuildId> TriggerAsync(Build build, Action<Task<BuildId>> late)
    {
        var buildId = await CallAsync(Trigger, build.Id, token => _runner.TriggerAsync(build.Request, token), Options.TriggerTimeout, late, CancellationToken.None).ConfigureAwait(false);
        return buildId.IsDefault ? throw NoId("TriggerAsync") : buildId;
    }

    public async Task<BuildId?> FindAsync(Build build, CancellationToken cancellationToken)
    {
        var found = await CallAsync("find", build.Id, token => _finder!.FindAsync(build.Request.TriggerKey!, token), Options.StatusTimeout, Forget, cancellationToken).ConfigureAwait(false);
        return found is { IsDefault: true } ? throw NoId("FindAsync") : found;
    }

    public async Task<BuildSnapshot> StatusAsync(Guid id, BuildId buildId, CancellationToken cancellationToken) =>
        await CallAsync("status", id, token => _runner.StatusAsync(buildId, token), Options.StatusTimeout, Forget, cancellationToken).ConfigureAwait(false)
        ?? throw new InvalidOperationException($"{_runner.GetType()} returned no snapshot from StatusAsync; it must return one.");

    public Task CancelAsync(Guid id, BuildId buildId, CancellationToken cancellationToken) => CallAsync(
        Cancel,
        id,
        async token =>
        {
            await (_runner.CancelAsync(buildId, token) ?? throw NoTask(Cancel)).ConfigureAwait(false);
            return true;
        },
        Options.StatusTimeout,
        Forget,
        cancellationToken);

    public void Dispose() => _rate?.Dispose();

    // An exception that nobody looks at is no error of this process.
    private static void Forget<T>(Task<T> task) => _ = task.ContinueWith(
        static late => late.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private async Task<T> CallAsync<T>(string operation, Guid id, Func<CancellationToken, Task<T>> call, TimeSpan timeout, Action<Task<T>> late, CancellationToken cancellationToken)
    {
        var start = _timeProvider.GetTimestamp();
        var activity = _telemetry.StartCall(Name, operation, id);
        try
        {
            var result = await InTimeAsync(operation, call, timeout, late, cancellationToken).ConfigureAwait(false);
            _health.Answered(operation);
            NoteSetup(operation, exception: null);
            _telemetry.Called(Name, operation, _timeProvider.GetElapsedTime(start), error: null, activity);
            return result;
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                _health.Failed(operation, exception, start);
                NoteSetup(operation, exception);
            }

            _telemetry.Called(Name, operation, _timeProvider.GetElapsedTime(start), exception, activity);
            throw;
        }
        finally
        {
            _telemetry.End(activity);
        }
    }

    // Once, and not for each build that waits.
    private void NoteSetup(string operation, Exception? exception)
    {
        try
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
        catch (Exception)
        {
            // A log that is broken must not cost what the runner has answered.
        }
    }

    private async Task<T> InTimeAsync<T>(string operation, Func<CancellationToken, Task<T>> call, TimeSpan timeout, Action<Task<T>> late, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timer = new(timeout, _timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);

        // A runner may as well do all before it returns its task. Whether it has begun is decided once, so that what was given up before is never done.
        var (token, state) = (linked.Token, CallState.Queued);
        var task = _threads.RunAsync(
            () =>
            {
                if (Interlocked.CompareExchange(ref state, CallState.Begun, CallState.Queued) != CallState.Queued)
                {
                    return Task.FromCanceled<T>(token);
                }

                var begun = call(token);
                Interlocked.Exchange(ref state, CallState.Returned);
                return begun ?? throw NoTask(operation);
            },
            _isBlocking);

        // So that a runner which does not look at its token holds up nothing. It may still answer in the moment in which it is given up.
        await ((Task)task).WaitAsync(linked.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsCompleted)
        {
            try
            {
                return await task.ConfigureAwait(false);
            }
            catch (OperationCanceledException exception) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                throw TimedOut(operation, timeout, exception);
            }
        }

        switch (Interlocked.CompareExchange(ref state, CallState.GivenUp, CallState.Queued))
        {
            case CallState.Queued:
                cancellationToken.ThrowIfCancellationRequested();
                throw new CallNotBegunException($"The call '{operation}' of the runner '{Name}' could not be begun within {timeout}, because no thread was free.");
            case CallState.Begun:
                _isBlocking = true;
                break;
        }

        Abandon(task, late);
        cancellationToken.ThrowIfCancellationRequested();
        throw TimedOut(operation, timeout, innerException: null);
    }

    private void Abandon<T>(Task<T> task, Action<Task<T>> late)
    {
        if (Interlocked.Increment(ref _abandoned) == _mostAbandoned)
        {
            Log.RunnerHung(_logger, Name, _mostAbandoned);
        }

        _ = task.ContinueWith(_ => Return(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        late(task);
    }

    private void Return()
    {
        if (Interlocked.Decrement(ref _abandoned) == _mostAbandoned - 1)
        {
            Log.RunnerHungNoMore(_logger, Name);
        }
    }

    private TimeoutException TimedOut(string operation, TimeSpan timeout, Exception? innerException) =>
        new($"The call '{operation}' of the runner '{Name}' was not answered within {timeout}.", innerException);

    private InvalidOperationException NoId(string member) => new($"{_runner.GetType()} returned a default id from {member}; it must return that of the build.");

    private InvalidOperationException NoTask(string operation) => new($"{_runner.GetType()} returned no task from '{operation}'; it must return one.");
}
