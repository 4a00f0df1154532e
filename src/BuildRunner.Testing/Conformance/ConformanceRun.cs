using System.Collections.Concurrent;

namespace BuildRunner.Testing;

/// <summary>One run of one case: what the cases share in driving a runner and in saying what is wrong with it.</summary>
internal sealed class ConformanceRun(ConformanceHarness harness, CancellationToken cancellationToken)
{
    private readonly ConcurrentQueue<(IBuildRunner Runner, BuildId BuildId)> _triggered = new();
    private readonly List<ConformanceInjection> _injections = [];

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public ConformanceHarness Harness => harness;

    public IBuildRunner Runner { get; private set; } = null!;

    public IBuildFinder Finder => FinderOf(Runner);

    public static ConformanceFailureException Failed(string reason, Exception? exception = null) => new(reason, exception);

    public static void Check(bool condition, string reason, Exception? exception = null)
    {
        if (!condition)
        {
            throw Failed(reason, exception);
        }
    }

    /// <summary>Skips the case where the runner does not declare what it needs, and fails it where the harness cannot be right.</summary>
    public void Begin(BuildRunnerCapabilities required)
    {
        var missing = required & ~Ask(nameof(harness.Capabilities), () => harness.Capabilities);
        if (missing != BuildRunnerCapabilities.None)
        {
            throw new ConformanceSkipException($"The runner does not declare {missing}.");
        }

        Check(harness.MaxWaits >= 1, $"The harness's MaxWaits is {harness.MaxWaits}; it must be 1 or more.");
        Check(!Ask(nameof(harness.Secrets), () => harness.Secrets).Any(string.IsNullOrWhiteSpace), "The harness names a blank secret, which is in every text.");
        Runner = CreateRunner();
    }

    public bool Has(BuildRunnerCapabilities capability) => (harness.Capabilities & capability) == capability;

    /// <summary>Gets another instance on the same backend.</summary>
    public IBuildRunner CreateRunner() => new RecordingRunner(Ask(nameof(harness.CreateRunner), harness.CreateRunner), _triggered);

    public static IBuildFinder FinderOf(IBuildRunner runner) => runner.As<IBuildFinder>()
        ?? throw Failed("The runner declares FindsByKey and As<IBuildFinder>() finds nothing.");

    /// <summary>Gets a request, or skips the case where the backend has no such thing.</summary>
    public BuildRequest Request(ConformanceBuild build) => TryRequest(build)
        ?? throw (IsNeeded(build)
            ? Failed($"The harness gives no request of the kind {build}, which a runner with these capabilities needs.")
            : new ConformanceSkipException($"The harness gives no request of the kind {build}."));

    public BuildRequest? TryRequest(ConformanceBuild build) => Ask(nameof(harness.CreateRequest), () => harness.CreateRequest(build));

    /// <summary>Sets a fault until the case has ended, or skips the case where the harness cannot.</summary>
    public async Task<ConformanceInjection> InjectAsync(ConformanceFault fault, ConformanceCall call) => await TryInjectAsync(fault, call).ConfigureAwait(false)
        ?? throw new ConformanceSkipException($"The harness cannot inject {fault} into {call}.");

    public async Task<ConformanceInjection?> TryInjectAsync(ConformanceFault fault, ConformanceCall call)
    {
        var injection = await AskAsync(nameof(harness.InjectAsync), () => harness.InjectAsync(fault, call, CancellationToken)).ConfigureAwait(false);
        if (injection is not null)
        {
            _injections.Add(injection);
        }

        return injection;
    }

    /// <summary>Fails the case if no call of the runner has met a fault: nothing would have been tried.</summary>
    public static void CheckReached(ConformanceInjection injection, ConformanceFault fault, ConformanceCall call)
    {
        if (!injection.Reached.IsCompletedSuccessfully)
        {
            throw new ConformanceFailureException($"{call} has ended, and the harness says that no call of it met the fault {fault} which it was asked to inject.", endedEarly: true);
        }
    }

    /// <summary>Makes a call that meets a fault, and gets what it throws, or <see langword="null"/>.</summary>
    public async Task<Exception?> CatchAsync(ConformanceFault fault, ConformanceCall call, Func<Task> member)
    {
        var injection = await InjectAsync(fault, call).ConfigureAwait(false);
        var thrown = await CatchAsync(member, call.ToString()).ConfigureAwait(false);
        CheckReached(injection, fault, call);
        return thrown;
    }

    public async Task<int> CountCreatesAsync() => await TryCountCreatesAsync().ConfigureAwait(false)
        ?? throw new ConformanceSkipException("The harness cannot count creates.");

    public Task<int?> TryCountCreatesAsync() => AskAsync(nameof(harness.CountCreatesAsync), () => harness.CountCreatesAsync(CancellationToken));

    public Task<BuildId> TriggerAsync(BuildRequest request) => TriggerAsync(Runner, request);

    public Task<BuildId> TriggerAsync(IBuildRunner runner, BuildRequest request) => CompleteAsync(runner.TriggerAsync(request, CancellationToken), "Trigger");

    public async Task<BuildId> TriggerAsync(ConformanceBuild build) => await TriggerAsync(Request(build)).ConfigureAwait(false);

    public async Task<BuildSnapshot> StatusAsync(BuildId buildId) =>
        await CompleteAsync(Runner.StatusAsync(buildId, CancellationToken), "Status").ConfigureAwait(false)
        ?? throw Failed("Status returned null; it must return a snapshot.");

    public Task CancelAsync(BuildId buildId) => CompleteAsync(Runner.CancelAsync(buildId, CancellationToken), "Cancel");

    /// <summary>Triggers a build and waits until it has ended.</summary>
    public async Task<(BuildId BuildId, BuildSnapshot Snapshot)> RunToEndAsync(BuildRequest request)
    {
        var buildId = await TriggerAsync(request).ConfigureAwait(false);
        return (buildId, await WaitForEndAsync(buildId).ConfigureAwait(false));
    }

    public Task<BuildSnapshot> WaitForEndAsync(BuildId buildId) =>
        WaitUntilAsync(() => StatusAsync(buildId), static snapshot => snapshot.Status.IsTerminal(), snapshot => $"The build '{buildId}' is still {snapshot.Status} after {harness.MaxWaits} waits; it must end.");

    /// <summary>Looks, with waits between, until what is seen is as expected.</summary>
    public async Task<T> WaitUntilAsync<T>(Func<Task<T>> look, Predicate<T> isExpected, Func<T, string> describe)
    {
        for (var wait = 0; ; wait++)
        {
            var seen = await look().ConfigureAwait(false);
            if (isExpected(seen))
            {
                return seen;
            }

            Check(wait < harness.MaxWaits, describe(seen));
            await WaitAsync().ConfigureAwait(false);
        }
    }

    public Task WaitAsync() => AskAsync(nameof(harness.WaitAsync), async () =>
    {
        await harness.WaitAsync(CancellationToken).ConfigureAwait(false);
        return true;
    });

    /// <summary>Waits for a call, and fails the case if it does not come back.</summary>
    public async Task<T> CompleteAsync<T>(Task<T> call, string name)
    {
        await CompleteAsync((Task)call, name).ConfigureAwait(false);
        return await call.ConfigureAwait(false);
    }

    /// <inheritdoc cref="CompleteAsync{T}"/>
    public async Task CompleteAsync(Task call, string name)
    {
        await FinishAsync(call, $"{name} has not returned after {harness.MaxWaits} waits; it must return when the backend has answered.").ConfigureAwait(false);
        await call.ConfigureAwait(false);
    }

    /// <summary>Waits for a task to complete in any way.</summary>
    public async Task FinishAsync(Task task, string reason)
    {
        Check(task is not null, "The runner returned no task.");
        for (var wait = 0; !task!.IsCompleted; wait++)
        {
            Check(wait < harness.MaxWaits, reason);
            CancellationToken.ThrowIfCancellationRequested();
            await AskAsync(nameof(harness.WaitForCallAsync), async () =>
            {
                await harness.WaitForCallAsync(task, CancellationToken).ConfigureAwait(false);
                return true;
            }).ConfigureAwait(false);
        }
    }

    /// <summary>Makes a call and gets what it throws, or <see langword="null"/>.</summary>
    public async Task<Exception?> CatchAsync(Func<Task> call, string name)
    {
        try
        {
            await CompleteAsync(call(), name).ConfigureAwait(false);
            return null;
        }
        catch (Exception exception) when (exception is not (ConformanceFailureException or ConformanceSkipException) && !CancellationToken.IsCancellationRequested)
        {
            return exception;
        }
    }

    /// <summary>Makes calls that really run at the same time, as far as the machine can.</summary>
    public async Task<T[]> InParallelAsync<T>(Func<int, Task<T>> call)
    {
        var callers = harness.ParallelCalls;
        Check(callers >= 2, $"The harness's ParallelCalls is {callers}; it must be 2 or more.");
        using var start = new Barrier(callers);
        var calls = Enumerable.Range(0, callers).Select(index => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(CancellationToken);
                return call(index);
            },
            CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap());
        return await Task.WhenAll(calls.ToArray()).ConfigureAwait(false);
    }

    public static string Describe(Exception? exception) => exception is null ? "nothing was thrown" : $"{exception.GetType()} was thrown: {exception.Message}";

    /// <summary>Asks the harness, and says so if it is the harness that throws.</summary>
    public async Task<T> AskAsync<T>(string member, Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception exception) when (!CancellationToken.IsCancellationRequested)
        {
            throw HarnessFailed(member, exception);
        }
    }

    /// <summary>Takes back what was set to go wrong, and cancels what was triggered.</summary>
    /// <returns>What the harness has thrown, or <see langword="null"/>. What the runner throws is not the case's any more: it has its result.</returns>
    public async Task<Exception?> EndAsync()
    {
        Exception? fault = null;
        foreach (var injection in _injections)
        {
            try
            {
                await injection.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                fault = exception;
            }
        }

        try
        {
            foreach (var (runner, buildId) in _triggered.Distinct())
            {
                await CatchAsync(() => runner.CancelAsync(buildId, CancellationToken), "Cancel").ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is ConformanceFailureException or OperationCanceledException)
        {
            // A cancel that does not come back is what a case of its own is for; the others are not tried.
        }

        return fault;
    }

    private static ConformanceFailureException HarnessFailed(string member, Exception exception) =>
        new($"The harness's {member} threw {exception.GetType()}: {exception.Message}", exception, endedEarly: true);

    private T Ask<T>(string member, Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception exception) when (!CancellationToken.IsCancellationRequested)
        {
            throw HarnessFailed(member, exception);
        }
    }

    private bool IsNeeded(ConformanceBuild build) => build switch
    {
        ConformanceBuild.Succeeds => true,
        ConformanceBuild.Fails or ConformanceBuild.RunsLong => Has(BuildRunnerCapabilities.RunsBuilds),
        _ => false,
    };
}
