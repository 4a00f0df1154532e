using System.Threading.RateLimiting;
using BuildRunner.Orchestration.Telemetry;

namespace BuildRunner.Orchestration.Runners;

/// <summary>Calls one runner: in turn, in time, and measured.</summary>
internal sealed class RunnerClient : IDisposable
{
    private const int TicksPerSecond = 20;
    private const int MaxAbandonedPerSlot = 4;
    private const int MaxCallsPerTurn = 2;

    private readonly IBuildRunner _runner;
    private readonly IBuildFinder? _finder;
    private readonly BuildTelemetry _telemetry;
    private readonly TimeProvider _timeProvider;
    private readonly TokenBucketRateLimiter? _limiter;
    private long _failingSince;
    private long _lastFailure;
    private int _abandoned;

    public RunnerClient(string name, IBuildRunner runner, BuildRunnerOptions options, BuildTelemetry telemetry, TimeProvider timeProvider)
    {
        Name = name;
        Options = options;
        _runner = runner;
        _finder = runner.As<IBuildFinder>();
        _telemetry = telemetry;
        _timeProvider = timeProvider;
        _limiter = options.CallsPerSecond is { } rate ? new(LimitOf(rate)) : null;
    }

    public string Name { get; }

    public BuildRunnerOptions Options { get; }

    /// <summary>Gets a value indicating whether the runner can tell what a trigger has created.</summary>
    public bool CanFind => _finder is not null;

    /// <summary>Gets for how long every call has gone unanswered, or <see langword="null"/> if the last one was answered, or was long ago.</summary>
    public TimeSpan? FailingFor => Interlocked.Read(ref _failingSince) is var since and not 0 && _timeProvider.GetElapsedTime(Interlocked.Read(ref _lastFailure)) < RunnerTimes.FailureMemory
        ? _timeProvider.GetElapsedTime(since)
        : null;

    /// <summary>Waits for its turn for one call or two, but not for long. Nobody has a turn while too many calls that were given up still run.</summary>
    public async Task<bool> TryEnterAsync(int calls, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _abandoned) >= MaxAbandonedPerSlot * Options.Concurrency)
        {
            return false;
        }

        if (_limiter is null)
        {
            return true;
        }

        using var now = _limiter.AttemptAcquire(calls);
        if (now.IsAcquired)
        {
            return true;
        }

        using CancellationTokenSource wait = new(RunnerTimes.PermitWait);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, cancellationToken);
        try
        {
            using var later = await _limiter.AcquireAsync(calls, linked.Token).ConfigureAwait(false);
            return later.IsAcquired;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Triggers a build. The call has its own time and no other end: who gives it up does not know what was created. What it still does then is given to <paramref name="late"/>.</summary>
    public async Task<BuildId> TriggerAsync(Build build, Action<Task<BuildId>> late)
    {
        var buildId = await CallAsync("trigger", build.Id, token => _runner.TriggerAsync(build.Request, token), Options.TriggerTimeout, late, CancellationToken.None).ConfigureAwait(false);
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
        "cancel",
        id,
        async token =>
        {
            await (_runner.CancelAsync(buildId, token) ?? throw NoTask("cancel")).ConfigureAwait(false);
            return true;
        },
        Options.StatusTimeout,
        Forget,
        cancellationToken);

    public void Dispose() => _limiter?.Dispose();

    // A second's worth at once, and then evenly.
    private static TokenBucketRateLimiterOptions LimitOf(int rate)
    {
        var perTick = Math.Max(1, rate / TicksPerSecond);
        return new()
        {
            TokenLimit = Math.Max(MaxCallsPerTurn, rate),
            TokensPerPeriod = perTick,
            ReplenishmentPeriod = TimeSpan.FromSeconds((double)perTick / rate),
            QueueLimit = int.MaxValue,
            QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
        };
    }

    // An exception that nobody looks at is no error of this process.
    private static void Forget<T>(Task<T> task) => _ = task.ContinueWith(
        static late => late.Exception,
        CancellationToken.None,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private async Task<T> CallAsync<T>(string operation, Guid id, Func<CancellationToken, Task<T>> call, TimeSpan timeout, Action<Task<T>> late, CancellationToken cancellationToken)
    {
        var start = _timeProvider.GetTimestamp();
        using var activity = _telemetry.StartCall(Name, operation, id);
        try
        {
            var result = await InTimeAsync(operation, call, timeout, late, cancellationToken).ConfigureAwait(false);
            Interlocked.Exchange(ref _failingSince, 0);
            _telemetry.Called(Name, operation, _timeProvider.GetElapsedTime(start), error: null, activity);
            return result;
        }
        catch (Exception exception)
        {
            if (!cancellationToken.IsCancellationRequested)
            {
                Judge(exception, start);
            }

            _telemetry.Called(Name, operation, _timeProvider.GetElapsedTime(start), exception, activity);
            throw;
        }
    }

    // That a build is not known, or is refused for good, is an answer.
    private void Judge(Exception exception, long start)
    {
        if (exception is BuildNotFoundException or (BuildRunnerException { IsTransient: false } and not TriggerOutcomeUnknownException))
        {
            Interlocked.Exchange(ref _failingSince, 0);
            return;
        }

        Interlocked.CompareExchange(ref _failingSince, start, 0);
        Interlocked.Exchange(ref _lastFailure, _timeProvider.GetTimestamp());
    }

    private async Task<T> InTimeAsync<T>(string operation, Func<CancellationToken, Task<T>> call, TimeSpan timeout, Action<Task<T>> late, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timer = new(timeout, _timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var task = call(linked.Token) ?? throw NoTask(operation);

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

        Abandon(task, late);
        cancellationToken.ThrowIfCancellationRequested();
        throw TimedOut(operation, timeout, innerException: null);
    }

    private void Abandon<T>(Task<T> task, Action<Task<T>> late)
    {
        Interlocked.Increment(ref _abandoned);
        _ = task.ContinueWith(_ => Interlocked.Decrement(ref _abandoned), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        late(task);
    }

    private TimeoutException TimedOut(string operation, TimeSpan timeout, Exception? innerException) =>
        new($"The call '{operation}' of the runner '{Name}' was not answered within {timeout}.", innerException);

    private InvalidOperationException NoId(string member) => new($"{_runner.GetType()} returned a default id from {member}; it must return that of the build.");

    private InvalidOperationException NoTask(string operation) => new($"{_runner.GetType()} returned no task from '{operation}'; it must return one.");
}
