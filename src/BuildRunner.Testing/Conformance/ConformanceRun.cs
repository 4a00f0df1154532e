namespace BuildRunner.Testing;

/// <summary>One run of one case: what the cases share in driving a runner and in saying what is wrong with it.</summary>
internal sealed class ConformanceRun(ConformanceHarness harness, CancellationToken cancellationToken)
{
    public ConformanceHarness Harness { get; } = harness;

    public IBuildRunner Runner { get; } = harness.CreateRunner();

    public CancellationToken CancellationToken { get; } = cancellationToken;

    public bool Has(BuildRunnerCapabilities capability) => (Harness.Capabilities & capability) == capability;

    public static ConformanceFailureException Failed(string reason) => new(reason);

    public static void Check(bool condition, string reason)
    {
        if (!condition)
        {
            throw Failed(reason);
        }
    }

    /// <summary>Gets a request, or skips the case where the backend has no such thing.</summary>
    public BuildRequest Request(ConformanceBuild build) => Harness.CreateRequest(build)
        ?? throw (IsNeeded(build)
            ? Failed($"The harness gives no request of the kind {build}, which a runner with these capabilities needs.")
            : new ConformanceSkipException($"The harness gives no request of the kind {build}."));

    public async Task InjectAsync(ConformanceFault fault)
    {
        if (!await Harness.InjectAsync(fault, CancellationToken).ConfigureAwait(false))
        {
            throw new ConformanceSkipException($"The harness cannot inject {fault}.");
        }
    }

    public async Task<int> CountCreatesAsync() => await Harness.CountCreatesAsync(CancellationToken).ConfigureAwait(false)
        ?? throw new ConformanceSkipException("The harness cannot count creates.");

    public Task<BuildId> TriggerAsync(BuildRequest request) => CompleteAsync(Runner.TriggerAsync(request, CancellationToken), "Trigger");

    public async Task<BuildSnapshot> StatusAsync(BuildId buildId) =>
        await CompleteAsync(Runner.StatusAsync(buildId, CancellationToken), "Status").ConfigureAwait(false)
        ?? throw Failed("Status returned null; it must return a snapshot.");

    public Task CancelAsync(BuildId buildId) => CompleteAsync(Runner.CancelAsync(buildId, CancellationToken), "Cancel");

    public async Task<BuildId> TriggerAsync(ConformanceBuild build) => await TriggerAsync(Request(build)).ConfigureAwait(false);

    /// <summary>Triggers a build and waits until it has ended.</summary>
    public async Task<(BuildId BuildId, BuildSnapshot Snapshot)> RunToEndAsync(BuildRequest request)
    {
        var buildId = await TriggerAsync(request).ConfigureAwait(false);
        return (buildId, await WaitForEndAsync(buildId).ConfigureAwait(false));
    }

    public async Task<BuildSnapshot> WaitForEndAsync(BuildId buildId)
    {
        for (var wait = 0; ; wait++)
        {
            var snapshot = await StatusAsync(buildId).ConfigureAwait(false);
            if (snapshot.Status.IsTerminal())
            {
                return snapshot;
            }

            Check(wait < Harness.MaxWaits, $"The build '{buildId}' is still {snapshot.Status} after {Harness.MaxWaits} waits; it must end.");
            await Harness.WaitAsync(CancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits for a call, and fails the case if it does not come back.</summary>
    public async Task<T> CompleteAsync<T>(Task<T> call, string name)
    {
        await CompleteAsync((Task)call, name).ConfigureAwait(false);
        return await call.ConfigureAwait(false);
    }

    /// <inheritdoc cref="CompleteAsync{T}"/>
    public async Task CompleteAsync(Task call, string name)
    {
        for (var wait = 0; !call.IsCompleted; wait++)
        {
            Check(wait < Harness.MaxWaits, $"{name} has not returned after {Harness.MaxWaits} waits; it must return when the backend has answered.");
            CancellationToken.ThrowIfCancellationRequested();
            await Harness.WaitForCallAsync(call, CancellationToken).ConfigureAwait(false);
        }

        await call.ConfigureAwait(false);
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
        using var start = new Barrier(Harness.ParallelCalls);
        var calls = Enumerable.Range(0, Harness.ParallelCalls).Select(index => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(CancellationToken);
                return call(index);
            },
            CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap());
        return await CompleteAsync(Task.WhenAll(calls.ToArray()), "A parallel call").ConfigureAwait(false);
    }

    public static string Describe(Exception? exception) => exception is null ? "nothing was thrown" : $"{exception.GetType()} was thrown: {exception.Message}";

    private bool IsNeeded(ConformanceBuild build) => build switch
    {
        ConformanceBuild.Succeeds => true,
        ConformanceBuild.Fails or ConformanceBuild.RunsLong => Has(BuildRunnerCapabilities.RunsBuilds),
        _ => false,
    };
}
