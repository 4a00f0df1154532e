namespace BuildRunner.Testing;

/// <summary>Provides a base class for harnesses, which give the kit a runner and access to its backend. The author of a runner derives from
/// it.</summary>
/// <remarks>
/// <para>
/// Four members are required. The others are optional hooks: a case that needs a hook that is not overridden is skipped, and says so.
/// </para>
/// <para>
/// One case uses a harness at a time, but may call its members from several threads. The backend needs only one worker: the builds of a
/// case may run one after the other, and each case cancels what it has triggered.
/// </para>
/// </remarks>
public abstract class ConformanceHarness
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    /// <summary>Gets the capabilities of the runner.</summary>
    public abstract BuildRunnerCapabilities Capabilities { get; }

    /// <summary>Creates a runner. Each call returns another instance on the same backend.</summary>
    /// <returns>The runner. The kit does not dispose it.</returns>
    public abstract IBuildRunner CreateRunner();

    /// <summary>Creates a new request on each call: with a head that was not used before, and without base, key and metadata, which the kit
    /// adds.</summary>
    /// <param name="build">The kind of build.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The request, or <see langword="null"/> if the backend has no such build. That is allowed for
    /// <see cref="ConformanceBuild.Rejected"/> and <see cref="ConformanceBuild.IgnoresCancel"/>, and without
    /// <see cref="BuildRunnerCapabilities.RunsBuilds"/> for all kinds except <see cref="ConformanceBuild.Succeeds"/>.</returns>
    public abstract Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken);

    /// <summary>Lets some time pass between two looks at something that the kit waits for: a fraction of a second of real time, or one step
    /// of a fake clock.</summary>
    /// <remarks>A build that soon ends does so within <see cref="MaxWaits"/> waits. If a fake clock drives builds that work on other
    /// threads, this member must let them proceed.</remarks>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the time has passed.</returns>
    public abstract Task WaitAsync(CancellationToken cancellationToken);

    /// <summary>Waits until a call has completed, or some time has passed.</summary>
    /// <remarks>The default lets time pass using <see cref="WaitAsync"/>, and with a fake clock no faster than a call can switch threads. A
    /// harness with a fake clock can do better: let time pass only while the runner waits for that clock, so that time never outruns a
    /// call. A call that then waits for nothing ends only by the token of the case.</remarks>
    /// <param name="running">The call. This member ignores its exception.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the call has completed or some time has passed.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="running"/> is <see langword="null"/>.</exception>
    public virtual async Task WaitForCallAsync(Task running, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(running);
        await Task.WhenAny(running, Task.Delay(Pace, cancellationToken)).ConfigureAwait(false);
        if (running.IsCompleted)
        {
            return;
        }

        var wait = WaitAsync(cancellationToken);
        if (await Task.WhenAny(running, wait).ConfigureAwait(false) == wait)
        {
            await wait.ConfigureAwait(false);
        }
    }

    /// <summary>Waits until a running build does the work that it was asked for. The default does not wait: a build with the status <see
    /// cref="BuildStatus.Running"/> is at work.</summary>
    /// <remarks>Override it for a backend where builds are running before they can do anything, such as <see
    /// cref="ConformanceBuild.IgnoresCancel"/>.</remarks>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the build is at work.</returns>
    public virtual Task WaitUntilAtWorkAsync(BuildId buildId, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Gets the number of waits after which the kit gives up: 1 or more. The default is 300.</summary>
    public virtual int MaxWaits => 300;

    /// <summary>Gets the number of concurrent calls in cases about concurrency: 2 or more. The default is 16. Each call may trigger a
    /// build, and all of them must end within <see cref="MaxWaits"/> waits.</summary>
    public virtual int ParallelCalls => 16;

    /// <summary>Gets the id of a build that never existed, in the form that the backend uses.</summary>
    public virtual BuildId UnknownBuildId => new("no-such-build");

    /// <summary>Gets the delay of <see cref="ConformanceFault.RateLimited"/>. The default is 7 seconds.</summary>
    public virtual TimeSpan InjectedRetryAfter => TimeSpan.FromSeconds(7);

    /// <summary>Gets the credentials that the runner has received so far. The kit searches for them in places where they must not appear:
    /// as they are, URL-escaped and in Base64. None may be blank. The default is empty, which means that the hook is not
    /// provided.</summary>
    /// <remarks>Read before a case and again after its calls, to include tokens and sessions created during them.</remarks>
    public virtual IReadOnlyList<string> Secrets => [];

    /// <summary>Gets the log lines of the runner so far, or <see langword="null"/> (the default) if logs are not captured. An empty list
    /// also means that.</summary>
    public virtual IReadOnlyList<string>? CapturedLogs => null;

    /// <summary>Gets the names of the <see cref="System.Diagnostics.ActivitySource"/>s of the runner and its transport, such as
    /// <c>System.Net.Http</c>. The default is empty, which means that the hook is not provided.</summary>
    public virtual IReadOnlyList<string> ActivitySourceNames => [];

    /// <summary>Injects a fault into calls from the runner to its backend: into the next create, which no runner may repeat, or into every
    /// status read or stop, which it may repeat, until the fault is withdrawn. <see cref="ConformanceFault.CredentialsRefused"/> also
    /// affects every create, because a runner may then send it again.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="failingCall">The kind of call. All other calls pass, including additional calls of the runner such as a read of the
    /// state before a cancel.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The injected fault, which the kit withdraws, or <see langword="null"/> (the default) if the harness cannot inject
    /// it.</returns>
    public virtual Task<ConformanceInjection?> InjectAsync(
        ConformanceFault fault,
        ConformanceCall failingCall,
        CancellationToken cancellationToken) =>
        Task.FromResult<ConformanceInjection?>(null);

    /// <summary>Puts a build into a backend state that no runner knows.</summary>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns><see langword="true"/> if the harness has done so; <see langword="false"/> (the default) if it cannot.</returns>
    public virtual Task<bool> SetUnheardOfStateAsync(BuildId buildId, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Counts the builds that the backend has created so far for all runners of this harness.</summary>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The count, or <see langword="null"/> (the default) if the harness cannot tell.</returns>
    public virtual Task<int?> CountCreatesAsync(CancellationToken cancellationToken) => Task.FromResult<int?>(null);

    /// <summary>Gets the changes that the backend applied for an ended build, in the order of application.</summary>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    /// <returns>The changes, or <see langword="null"/> (the default) if the harness cannot tell.</returns>
    public virtual Task<IReadOnlyList<Change>?> GetAppliedChangesAsync(BuildId buildId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Change>?>(null);
}
