namespace BuildRunner.Testing;

/// <summary>One run of one case: what the cases share in driving a runner and in saying what is wrong with it.</summary>
internal sealed class ConformanceRun(CheckedHarness harness, CancellationToken cancellationToken)
{
    public const int MaxCancels = 4;

    private readonly TriggeredBuilds _triggered = new();
    private readonly List<ConformanceInjection> _injections = [];

    public CancellationToken CancellationToken { get; private set; } = cancellationToken;

    public CheckedHarness Harness => harness;

    public IBuildRunner Runner { get; private set; } = null!;

    public IBuildStatusReader? Reader => ((RecordingRunner)Runner).Reader;

    public IBuildFinder Finder => FinderOf(Runner);

    public int MaxWaits => harness.Harness.MaxWaits;

    /// <summary>Gets how many waits one cancel of several is given.</summary>
    public int WaitsPerCancel => (MaxWaits / MaxCancels) + 1;

    public static ConformanceFailureException Failed(string reason, Exception? exception = null) => new(reason, exception);

    public static void Check(bool condition, string reason, Exception? exception = null)
    {
        if (!condition)
        {
            throw Failed(reason, exception);
        }
    }

    public static string Describe(Exception? exception) => exception is null ? "nothing was thrown" : $"{exception.GetType()} was thrown: {exception.Message}";

    public static IBuildFinder FinderOf(IBuildRunner runner) => runner.As<IBuildFinder>()
        ?? throw Failed("The runner declares FindsByKey and As<IBuildFinder>() finds nothing.");

    public void Begin()
    {
        harness.Check();
        Runner = CreateRunner();
    }

    public bool Has(BuildRunnerCapabilities capability) => harness.Has(capability);

    /// <summary>Gets another instance on the same backend.</summary>
    public IBuildRunner CreateRunner() => new RecordingRunner(harness.CreateRunner(), _triggered);

    /// <summary>Gets a request, or skips the case where the backend has no such thing.</summary>
    public async Task<BuildRequest> RequestAsync(ConformanceBuild build) => await TryRequestAsync(build).ConfigureAwait(false)
        ?? throw new ConformanceSkipException($"The harness gives no request of the kind {build}.");

    public Task<BuildRequest?> TryRequestAsync(ConformanceBuild build) => harness.CreateRequestAsync(build, CancellationToken);

    public async Task<IReadOnlyList<BuildRequest>> RequestsAsync(ConformanceBuild build, int count)
    {
        List<BuildRequest> requests = [];
        while (requests.Count < count)
        {
            requests.Add(await RequestAsync(build).ConfigureAwait(false));
        }

        return requests;
    }

    /// <summary>Gets a request whose build runs long, or where the runner runs none, one of those that there are.</summary>
    public Task<BuildRequest> LongRequestAsync() => RequestAsync(Has(BuildRunnerCapabilities.RunsBuilds) ? ConformanceBuild.RunsLong : ConformanceBuild.Succeeds);

    /// <summary>Sets a fault until the case has ended, or skips the case where the harness cannot.</summary>
    public async Task<ConformanceInjection> InjectAsync(ConformanceFault fault, ConformanceCall call) => await TryInjectAsync(fault, call).ConfigureAwait(false)
        ?? throw new ConformanceSkipException($"The harness cannot inject {fault} into {call}.");

    public async Task<ConformanceInjection?> TryInjectAsync(ConformanceFault fault, ConformanceCall call)
    {
        var injection = await harness.InjectAsync(fault, call, CancellationToken).ConfigureAwait(false);
        if (injection is not null)
        {
            _injections.Add(injection);
        }

        return injection;
    }

    /// <summary>Fails the case if no call of the runner has met a fault: nothing would have been tried.</summary>
    public void CheckReached(ConformanceInjection injection, ConformanceFault fault, ConformanceCall call)
    {
        if (injection.Reached.IsCompletedSuccessfully)
        {
            return;
        }

        // A runner need not ask its backend about a build that has ended, and without builds that run there are no others.
        throw call == ConformanceCall.Trigger || Has(BuildRunnerCapabilities.RunsBuilds)
            ? CheckedHarness.Fault($"{call} has ended, and no call of it met the fault {fault} that was to be injected")
            : new ConformanceSkipException($"The runner does not declare {nameof(BuildRunnerCapabilities.RunsBuilds)}, and {call} of a build that may have ended did not meet the fault {fault}.");
    }

    /// <summary>Makes a call that meets a fault, and gets what it throws, or <see langword="null"/>.</summary>
    public async Task<Exception?> CatchAsync(ConformanceFault fault, ConformanceCall call, Func<Task> member)
    {
        var injection = await InjectAsync(fault, call).ConfigureAwait(false);
        var thrown = await CatchAsync(injection, call, member).ConfigureAwait(false);
        CheckReached(injection, fault, call);
        return thrown;
    }

    /// <summary>Makes a call until it has met a fault: a runner that was asked to leave its backend alone keeps to that, and sends nothing.</summary>
    public async Task<Exception?> CatchAsync(ConformanceInjection injection, ConformanceCall call, Func<Task> member)
    {
        for (var wait = 0; ; wait++)
        {
            var thrown = await CatchAsync(member, call.ToString()).ConfigureAwait(false);
            if (injection.Reached.IsCompleted || wait == MaxWaits || thrown is not BuildRunnerException { IsTransient: true, RetryAfter: not null })
            {
                return thrown;
            }

            await harness.WaitAsync(CancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<int> CountCreatesAsync() => await TryCountCreatesAsync().ConfigureAwait(false)
        ?? throw new ConformanceSkipException("The harness cannot count creates.");

    public Task<int?> TryCountCreatesAsync() => harness.CountCreatesAsync(CancellationToken);

    public Task<BuildId> TriggerAsync(BuildRequest request) => TriggerAsync(Runner, request);

    public Task<BuildId> TriggerAsync(IBuildRunner runner, BuildRequest request) => CompleteAsync(() => runner.TriggerAsync(request, CancellationToken), "Trigger");

    public async Task<BuildId> TriggerAsync(ConformanceBuild build) => await TriggerAsync(await RequestAsync(build).ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>Asks how a build stands. A transient error is tried again, as any caller does.</summary>
    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, IBuildRunner? runner = null)
    {
        var snapshot = await TryAgainAsync(() => CompleteAsync(() => (runner ?? Runner).StatusAsync(buildId, CancellationToken), "Status")).ConfigureAwait(false);
        Check(snapshot is not null, "Status returned null; it must return a snapshot.");
        Check(Enum.IsDefined(snapshot!.Status), $"Status returned the status {(int)snapshot.Status}, which has no name; what a runner does not know is Unknown.");
        return snapshot;
    }

    /// <summary>Cancels a build. A transient error is tried again, as any caller does.</summary>
    public Task CancelAsync(BuildId buildId) => TryAgainAsync(async () =>
    {
        await CompleteAsync(() => Runner.CancelAsync(buildId, CancellationToken), "Cancel").ConfigureAwait(false);
        return true;
    });

    /// <summary>Triggers a build and waits until it has ended.</summary>
    public async Task<(BuildId BuildId, BuildSnapshot Snapshot)> RunToEndAsync(BuildRequest request)
    {
        var buildId = await TriggerAsync(request).ConfigureAwait(false);
        return (buildId, await WaitForEndAsync(buildId).ConfigureAwait(false));
    }

    public async Task<(BuildId BuildId, BuildSnapshot Snapshot)> RunToEndAsync(ConformanceBuild build) =>
        await RunToEndAsync(await RequestAsync(build).ConfigureAwait(false)).ConfigureAwait(false);

    public Task<BuildSnapshot> WaitForEndAsync(BuildId buildId) => WaitUntilAsync(
        () => StatusAsync(buildId),
        static snapshot => snapshot.Status.IsTerminal(),
        snapshot => $"The build '{buildId}' is still {snapshot.Status} after {MaxWaits} waits; it must end.");

    /// <summary>Cancels a build and waits until it has ended, or skips the case where it does not, which no MUST asks for.</summary>
    public async Task<BuildSnapshot> CancelToEndAsync(BuildId buildId) => await TryCancelToEndAsync(buildId).ConfigureAwait(false) ?? throw NotEnded();

    /// <summary>Cancels a build and waits until it has ended. The cancel is repeated, as callers do: a backend may accept one and lose it.</summary>
    /// <returns>How the build has ended, or <see langword="null"/> where it has not.</returns>
    public async Task<BuildSnapshot?> TryCancelToEndAsync(BuildId buildId)
    {
        BuildSnapshot? ended = null;
        for (var attempt = 0; ended is null && attempt < MaxCancels; attempt++)
        {
            await CancelAsync(buildId).ConfigureAwait(false);
            ended = await WaitForCancelledOnceAsync(buildId).ConfigureAwait(false);
        }

        return ended;
    }

    /// <summary>Waits for as long as one cancel of several is given.</summary>
    /// <returns>How the build has ended, or <see langword="null"/> where it has not.</returns>
    public async Task<BuildSnapshot?> WaitForCancelledOnceAsync(BuildId buildId)
    {
        for (var wait = 0; wait < WaitsPerCancel; wait++)
        {
            var snapshot = await StatusAsync(buildId).ConfigureAwait(false);
            if (snapshot.Status.IsTerminal())
            {
                return snapshot;
            }

            await harness.WaitAsync(CancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    public static ConformanceSkipException NotEnded() => new("The cancelled build has not ended, which the case of C4 is about.");

    /// <summary>Fails the case if a long build has ended.</summary>
    public async Task CheckGoesOnAsync(BuildId buildId, string what)
    {
        if (Has(BuildRunnerCapabilities.RunsBuilds))
        {
            var snapshot = await StatusAsync(buildId).ConfigureAwait(false);
            Check(!snapshot.Status.IsTerminal(), $"A long build is {snapshot.Status} after {what}; it must go on.");
        }
    }

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

            Check(wait < MaxWaits, describe(seen));
            await harness.WaitAsync(CancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes a call, on a thread of its own because it may block, and fails the case if it does not come back.</summary>
    public async Task<T> CompleteAsync<T>(Func<Task<T>> member, string name)
    {
        var call = Start(member);
        await FinishAsync(call, $"{name} has not returned after {MaxWaits} waits; it must return when the backend has answered.").ConfigureAwait(false);
        return await call.ConfigureAwait(false);
    }

    /// <inheritdoc cref="CompleteAsync{T}"/>
    public Task CompleteAsync(Func<Task> member, string name) => CompleteAsync(Answering(member), name);

    public static Task Start(Func<Task> member) => Start(Answering(member));

    /// <summary>Waits for a task to complete in any way.</summary>
    public async Task FinishAsync(Task task, string reason)
    {
        for (var wait = 0; !task.IsCompleted; wait++)
        {
            Check(wait < MaxWaits, reason);
            CancellationToken.ThrowIfCancellationRequested();
            await harness.WaitForCallAsync(task, CancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes a call and gets what it throws, or <see langword="null"/>.</summary>
    public async Task<Exception?> CatchAsync(Func<Task> member, string name)
    {
        try
        {
            await CompleteAsync(member, name).ConfigureAwait(false);
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
        using var start = new Barrier(callers);
        return await Task.WhenAll(Enumerable.Range(0, callers).Select(index => Start(() =>
        {
            start.SignalAndWait(CancellationToken);
            return call(index);
        })).ToArray()).ConfigureAwait(false);
    }

    /// <summary>Takes back what was set to go wrong, and cancels what was triggered, also where the case was cancelled.</summary>
    /// <returns>What the harness has done wrong, or <see langword="null"/>, and the builds that go on.</returns>
    public async Task<(Exception? Fault, IReadOnlyList<BuildId> Left)> EndAsync(CancellationToken limit)
    {
        CancellationToken = limit;
        Exception? fault = null;
        foreach (var injection in _injections)
        {
            try
            {
                await injection.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                fault = CheckedHarness.Fault($"a fault could not be taken back: {exception.GetType()}: {exception.Message}", exception);
            }
        }

        try
        {
            return (fault, await _triggered.StopAsync(this).ConfigureAwait(false));
        }
        catch (ConformanceFailureException failure) when (failure.EndedEarly)
        {
            return (failure, []);
        }
    }

    private static Task<T> Start<T>(Func<Task<T>> member) => Task.Factory.StartNew(
        async () => await (member() ?? throw Failed("The runner returned null for a task.")).ConfigureAwait(false),
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default).Unwrap();

    private static Func<Task<bool>> Answering(Func<Task> member) => async () =>
    {
        await (member() ?? throw Failed("The runner returned null for a task.")).ConfigureAwait(false);
        return true;
    };

    private Task<T> TryAgainAsync<T>(Func<Task<T>> call) => TryAgainAsync(call, static exception => exception.IsTransient);

    public async Task<T> TryAgainAsync<T>(Func<Task<T>> call, Predicate<BuildRunnerException> mayPass)
    {
        for (var wait = 0; ; wait++)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (BuildRunnerException exception) when (mayPass(exception) && wait < MaxWaits)
            {
                await harness.WaitAsync(CancellationToken).ConfigureAwait(false);
            }
        }
    }
}
