namespace BuildRunner.Testing;

/// <summary>Represents one run of one case, with the steps and checks that the cases have in common.</summary>
internal sealed partial class ConformanceRun(CheckedHarness harness, CancellationToken cancellationToken)
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

    /// <summary>Gets the number of waits after each of several cancels.</summary>
    public int WaitsPerCancel => (MaxWaits / MaxCancels) + 1;

    public static ConformanceFailureException Failed(string reason, Exception? exception = null) => new(reason, exception);

    public static void Check(bool condition, string reason, Exception? exception = null)
    {
        if (!condition)
        {
            throw Failed(reason, exception);
        }
    }

    public static string Describe(Exception? exception) =>
        exception is null ? "nothing was thrown" : $"{exception.GetType()} was thrown: {exception.Message}";

    public static IBuildFinder FinderOf(IBuildRunner runner) => runner.As<IBuildFinder>()
        ?? throw Failed("The runner declares FindsByKey but As<IBuildFinder>() returns null.");

    public void Begin()
    {
        harness.Check();
        Runner = CreateRunner();
    }

    public bool Has(BuildRunnerCapabilities capability) => harness.Has(capability);

    /// <summary>Creates another instance on the same backend.</summary>
    public IBuildRunner CreateRunner() => new RecordingRunner(harness.CreateRunner(), _triggered);

    /// <summary>Creates a request, or skips the case if the backend has no such build.</summary>
    public async Task<BuildRequest> RequestAsync(ConformanceBuild build) => await TryRequestAsync(build).ConfigureAwait(false)
        ?? throw new ConformanceSkipException($"The harness creates no request of the kind {build}.");

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

    /// <summary>Creates a request for a long build, or for any build if the runner does not run builds.</summary>
    public Task<BuildRequest> LongRequestAsync() =>
        RequestAsync(Has(BuildRunnerCapabilities.RunsBuilds) ? ConformanceBuild.RunsLong : ConformanceBuild.Succeeds);

    /// <summary>Injects a fault until the end of the case, or skips the case if the harness cannot.</summary>
    public async Task<ConformanceInjection> InjectAsync(ConformanceFault fault, ConformanceCall call) =>
        await TryInjectAsync(fault, call).ConfigureAwait(false)
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

    /// <summary>Fails the case if no call of the runner has met the fault, because then nothing was tested.</summary>
    public void CheckReached(ConformanceInjection injection, ConformanceFault fault, ConformanceCall call)
    {
        if (injection.Reached.IsCompletedSuccessfully)
        {
            return;
        }

        // A runner need not ask its backend about an ended build, and without RunsBuilds all builds may have ended.
        throw call == ConformanceCall.Trigger || Has(BuildRunnerCapabilities.RunsBuilds)
            ? CheckedHarness.Fault($"{call} has ended without meeting the injected fault {fault}")
            : new ConformanceSkipException(
                $"The runner does not declare {nameof(BuildRunnerCapabilities.RunsBuilds)}, and {call} of a possibly ended build did not "
                + $"meet the fault {fault}.");
    }

    /// <summary>Makes a call that meets a fault, and returns the exception, or <see langword="null"/> if there is none.</summary>
    public async Task<Exception?> CatchAsync(ConformanceFault fault, ConformanceCall call, Func<Task> member)
    {
        var injection = await InjectAsync(fault, call).ConfigureAwait(false);
        var thrown = await CatchAsync(injection, call, member).ConfigureAwait(false);
        CheckReached(injection, fault, call);
        return thrown;
    }

    /// <summary>Repeats a call until it has met a fault. A runner that was asked to wait sends nothing in the meantime.</summary>
    public async Task<Exception?> CatchAsync(ConformanceInjection injection, ConformanceCall call, Func<Task> member)
    {
        for (var wait = 0; ; wait++)
        {
            var thrown = await CatchAsync(member, call.ToString()).ConfigureAwait(false);
            if (injection.Reached.IsCompleted
                || wait == MaxWaits
                || thrown is not BuildRunnerException { IsTransient: true, RetryAfter: not null })
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

    public Task<BuildId> TriggerAsync(IBuildRunner runner, BuildRequest request) =>
        CompleteAsync(() => runner.TriggerAsync(request, CancellationToken), "Trigger");

    public async Task<BuildId> TriggerAsync(ConformanceBuild build) =>
        await TriggerAsync(await RequestAsync(build).ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>Gets the status of a build. Retries a transient error, as any caller does.</summary>
    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, IBuildRunner? runner = null)
    {
        var snapshot = await TryAgainAsync(
            () => CompleteAsync(() => (runner ?? Runner).StatusAsync(buildId, CancellationToken), "Status")).ConfigureAwait(false);
        Check(snapshot is not null, "Status returned null; it must return a snapshot.");
        Check(
            Enum.IsDefined(snapshot!.Status),
            $"Status returned {(int)snapshot.Status}, which is not a status; an unknown state is Unknown.");
        return snapshot;
    }

    /// <summary>Cancels a build. Retries a transient error, as any caller does.</summary>
    public Task CancelAsync(BuildId buildId) => TryAgainAsync(async () =>
    {
        await CompleteAsync(() => Runner.CancelAsync(buildId, CancellationToken), "Cancel").ConfigureAwait(false);
        return true;
    });

    /// <summary>Triggers a build and waits for its end.</summary>
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

    /// <summary>Cancels a build and waits for its end. Skips the case if it does not end, which no MUST requires.</summary>
    public async Task<BuildSnapshot> CancelToEndAsync(BuildId buildId) =>
        await TryCancelToEndAsync(buildId).ConfigureAwait(false) ?? throw NotEnded();

    /// <summary>Cancels a build and waits for its end. Repeats the cancel as callers do, because a backend may accept one and lose
    /// it.</summary>
    /// <returns>The last snapshot, or <see langword="null"/> if the build has not ended.</returns>
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

    /// <summary>Waits for the time that follows one of several cancels.</summary>
    /// <returns>The last snapshot, or <see langword="null"/> if the build has not ended.</returns>
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

    public static ConformanceSkipException NotEnded() => new("The cancelled build has not ended; a case of C4 covers that.");

    /// <summary>Fails the case if a long build has ended.</summary>
    public async Task CheckGoesOnAsync(BuildId buildId, string what)
    {
        if (Has(BuildRunnerCapabilities.RunsBuilds))
        {
            var snapshot = await StatusAsync(buildId).ConfigureAwait(false);
            Check(!snapshot.Status.IsTerminal(), $"A long build is {snapshot.Status} after {what}; it must continue.");
        }
    }

    /// <summary>Looks repeatedly, with waits in between, until a condition is met.</summary>
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

    /// <summary>Withdraws the faults and cancels the triggered builds, even if the case was cancelled.</summary>
    /// <returns>The error of the harness, or <see langword="null"/>, and the builds that have not ended.</returns>
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
                fault = CheckedHarness.Fault($"a fault could not be withdrawn: {exception.GetType()}: {exception.Message}", exception);
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
}
