namespace BuildRunner.Testing;

/// <summary>Checks what a harness returns and reports its errors as such, so that the runner is not blamed for them.</summary>
internal sealed class CheckedHarness(ConformanceHarness harness)
{
    private readonly HashSet<BuildRequest> _requests = [];

    public ConformanceHarness Harness => harness;

    public BuildRunnerCapabilities Capabilities => Ask(nameof(harness.Capabilities), () => harness.Capabilities);

    public SecretForms Secrets => new(Ask(nameof(harness.Secrets), () => harness.Secrets));

    public int ParallelCalls
    {
        get
        {
            var callers = Ask(nameof(harness.ParallelCalls), () => harness.ParallelCalls);
            ThrowUnless(callers >= 2, $"{nameof(harness.ParallelCalls)} is {callers}; it must be 2 or more");
            return callers;
        }
    }

    public bool Has(BuildRunnerCapabilities capability) => (Capabilities & capability) == capability;

    /// <summary>Fails if the harness would make every case pass, or none.</summary>
    public void Check()
    {
        ThrowUnless(harness.MaxWaits >= 1, $"{nameof(harness.MaxWaits)} is {harness.MaxWaits}; it must be 1 or more");
        ThrowUnless(
            !Ask(nameof(harness.Secrets), () => harness.Secrets).Any(string.IsNullOrWhiteSpace),
            $"{nameof(harness.Secrets)} contains a blank secret, which every text contains");
    }

    public IBuildRunner CreateRunner() =>
        Ask(nameof(harness.CreateRunner), harness.CreateRunner) ?? throw Fault($"{nameof(harness.CreateRunner)} returned null");

    public async Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken)
    {
        var request = await AskAsync(
            nameof(harness.CreateRequestAsync),
            () => harness.CreateRequestAsync(build, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        if (request is null)
        {
            return IsNeeded(build)
                ? throw Fault(
                    $"{nameof(harness.CreateRequestAsync)} returned null for {build}, which a runner with these capabilities needs")
                : null;
        }

        ThrowUnless(
            request is { TriggerKey: null, Metadata.Count: 0 },
            $"{nameof(harness.CreateRequestAsync)} returned a request with a key or metadata, which the kit adds itself");
        ThrowUnless(
            request is { Head.Count: > 0, Base.Count: 0 },
            $"{nameof(harness.CreateRequestAsync)} returned a request without a head, or with a base; the kit builds bases from heads");
        bool isNew;
        lock (_requests)
        {
            isNew = _requests.Add(request);
        }

        ThrowUnless(isNew, $"{nameof(harness.CreateRequestAsync)} returned the same request twice; each needs a head of its own");
        return request;
    }

    public Task<ConformanceInjection?> InjectAsync(ConformanceFault fault, ConformanceCall call, CancellationToken cancellationToken) =>
        AskAsync(nameof(harness.InjectAsync), () => harness.InjectAsync(fault, call, cancellationToken), cancellationToken);

    public Task<int?> CountCreatesAsync(CancellationToken cancellationToken) =>
        AskAsync(nameof(harness.CountCreatesAsync), () => harness.CountCreatesAsync(cancellationToken), cancellationToken);

    public Task<bool> SetUnheardOfStateAsync(BuildId buildId, CancellationToken cancellationToken) =>
        AskAsync(
            nameof(harness.SetUnheardOfStateAsync),
            () => harness.SetUnheardOfStateAsync(buildId, cancellationToken),
            cancellationToken);

    public Task<IReadOnlyList<Change>?> GetAppliedChangesAsync(BuildId buildId, CancellationToken cancellationToken) =>
        AskAsync(
            nameof(harness.GetAppliedChangesAsync),
            () => harness.GetAppliedChangesAsync(buildId, cancellationToken),
            cancellationToken);

    public Task WaitAsync(CancellationToken cancellationToken) => AskAsync(
        nameof(harness.WaitAsync),
        async () =>
        {
            await harness.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    public Task WaitUntilAtWorkAsync(BuildId buildId, CancellationToken cancellationToken) => AskAsync(
        nameof(harness.WaitUntilAtWorkAsync),
        async () =>
        {
            await harness.WaitUntilAtWorkAsync(buildId, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    public Task WaitForCallAsync(Task running, CancellationToken cancellationToken) => AskAsync(
        nameof(harness.WaitForCallAsync),
        async () =>
        {
            await harness.WaitForCallAsync(running, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    /// <summary>Creates the failure of a case that is the harness's fault.</summary>
    public static ConformanceFailureException Fault(string what, Exception? exception = null) =>
        new($"The harness is at fault: {what}.", exception, endedEarly: true);

    private static void ThrowUnless(bool condition, string what)
    {
        if (!condition)
        {
            throw Fault(what);
        }
    }

    private static ConformanceFailureException Thrown(string member, Exception exception) =>
        Fault($"{member} threw {exception.GetType()}: {exception.Message}", exception);

    private static T Ask<T>(string member, Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (Exception exception)
        {
            throw Thrown(member, exception);
        }
    }

    private static async Task<T> AskAsync<T>(string member, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Thrown(member, exception);
        }
    }

    private bool IsNeeded(ConformanceBuild build) => build switch
    {
        ConformanceBuild.Succeeds => true,
        ConformanceBuild.Fails or ConformanceBuild.RunsLong => Has(BuildRunnerCapabilities.RunsBuilds),
        _ => false,
    };
}
