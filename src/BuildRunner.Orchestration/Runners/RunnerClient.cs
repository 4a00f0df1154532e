using System.Threading.RateLimiting;
using BuildRunner.Orchestration.Telemetry;

namespace BuildRunner.Orchestration.Runners;

/// <summary>Calls one runner: in turn, in time, and measured.</summary>
internal sealed class RunnerClient : IDisposable
{
    private const int TicksPerSecond = 20;

    private readonly IBuildRunner _runner;
    private readonly IBuildFinder? _finder;
    private readonly BuildTelemetry _telemetry;
    private readonly TimeProvider _timeProvider;
    private readonly TokenBucketRateLimiter? _limiter;
    private long _failingSince;

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

    /// <summary>Gets for how long every call has failed, or <see langword="null"/> if the last one did not.</summary>
    public TimeSpan? FailingFor => Interlocked.Read(ref _failingSince) is var since and not 0 ? _timeProvider.GetElapsedTime(since) : null;

    /// <summary>Waits for its turn, but not for long.</summary>
    public async Task<bool> TryEnterAsync(CancellationToken cancellationToken)
    {
        if (_limiter is null)
        {
            return true;
        }

        using var now = _limiter.AttemptAcquire();
        if (now.IsAcquired)
        {
            return true;
        }

        using CancellationTokenSource wait = new(RunnerTimes.PermitWait);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, cancellationToken);
        try
        {
            using var later = await _limiter.AcquireAsync(1, linked.Token).ConfigureAwait(false);
            return later.IsAcquired;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>Triggers a build. What the runner still does when it is not waited for any longer is given to <paramref name="late"/>.</summary>
    public async Task<BuildId> TriggerAsync(BuildRequest request, TimeSpan timeout, Action<Task<BuildId>> late, CancellationToken cancellationToken)
    {
        var buildId = await CallAsync("trigger", token => _runner.TriggerAsync(request, token), timeout, late, cancellationToken).ConfigureAwait(false);
        return buildId.IsDefault ? throw new InvalidOperationException($"{_runner.GetType()} returned no id from TriggerAsync; it must return that of the build.") : buildId;
    }

    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken)
    {
        var found = await CallAsync("find", token => _finder!.FindAsync(triggerKey, token), Options.StatusTimeout, Forget, cancellationToken).ConfigureAwait(false);
        return found is { IsDefault: true } ? throw new InvalidOperationException($"{_runner.GetType()} returned an empty id from FindAsync; it must return that of the build, or null for none.") : found;
    }

    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken) =>
        await CallAsync("status", token => _runner.StatusAsync(buildId, token), Options.StatusTimeout, Forget, cancellationToken).ConfigureAwait(false)
        ?? throw new InvalidOperationException($"{_runner.GetType()} returned no snapshot from StatusAsync; it must return one.");

    public Task CancelAsync(BuildId buildId, CancellationToken cancellationToken) => CallAsync(
        "cancel",
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
            TokenLimit = rate,
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

    private async Task<T> CallAsync<T>(string operation, Func<CancellationToken, Task<T>> call, TimeSpan timeout, Action<Task<T>> late, CancellationToken cancellationToken)
    {
        var start = _timeProvider.GetTimestamp();
        using var activity = _telemetry.StartCall(Name, operation);
        try
        {
            var result = await InTimeAsync(operation, call, timeout, late, cancellationToken).ConfigureAwait(false);
            Interlocked.Exchange(ref _failingSince, 0);
            _telemetry.Called(Name, operation, _timeProvider.GetElapsedTime(start), error: null, activity);
            return result;
        }
        catch (Exception exception)
        {
            // That a build is not known, or that this process stops, says nothing against the runner.
            if (exception is not BuildNotFoundException && !cancellationToken.IsCancellationRequested)
            {
                Interlocked.CompareExchange(ref _failingSince, start, 0);
            }

            _telemetry.Called(Name, operation, _timeProvider.GetElapsedTime(start), exception, activity);
            throw;
        }
    }

    private async Task<T> InTimeAsync<T>(string operation, Func<CancellationToken, Task<T>> call, TimeSpan timeout, Action<Task<T>> late, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timer = new(timeout, _timeProvider);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        var task = call(linked.Token) ?? throw NoTask(operation);
        try
        {
            // WaitAsync, so that a runner which does not look at its token holds up nothing.
            return await task.WaitAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (task.IsCompletedSuccessfully)
        {
            // It has answered in the moment in which it was given up.
            return await task.ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The call '{operation}' of the runner '{Name}' was not answered within {timeout}.", exception);
        }
        finally
        {
            if (!task.IsCompleted)
            {
                late(task);
            }
        }
    }

    private InvalidOperationException NoTask(string operation) => new($"{_runner.GetType()} returned no task from '{operation}'; it must return one.");
}
