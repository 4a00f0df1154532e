namespace BuildRunner.Testing;

/// <summary>
/// Provides the kit with a runner and with what it cannot know of a backend. The author of a runner fills it in.
/// </summary>
/// <remarks>
/// Four members are needed. The others are hooks: a case that needs one which is not overridden is skipped and says so. A harness is used by one case at a time; within a case its members may be called from several threads. A backend needs no more than one worker: the builds of a case may run one after the other, and each case cancels at its end what it has triggered.
/// </remarks>
public abstract class ConformanceHarness
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);

    /// <summary>
    /// Gets what the runner can do.
    /// </summary>
    public abstract BuildRunnerCapabilities Capabilities { get; }

    /// <summary>
    /// Creates a runner on the backend. Each call gives another instance on the same backend.
    /// </summary>
    /// <returns>The runner. The kit does not dispose it.</returns>
    public abstract IBuildRunner CreateRunner();

    /// <summary>
    /// Creates a request of its own for each call: with a head that was not given before, without base, key and metadata, which are for the kit to add.
    /// </summary>
    /// <param name="build">What shall become of it.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>The request, or <see langword="null"/> if the backend has no such thing, which <see cref="ConformanceBuild.Rejected"/> and <see cref="ConformanceBuild.IgnoresCancel"/> may be, and without <see cref="BuildRunnerCapabilities.RunsBuilds"/> all but <see cref="ConformanceBuild.Succeeds"/>.</returns>
    public abstract Task<BuildRequest?> CreateRequestAsync(ConformanceBuild build, CancellationToken cancellationToken);

    /// <summary>
    /// Lets some time pass, between two looks at something that is expected to happen: in real time a fraction of a second, in faked time a step of the clock.
    /// </summary>
    /// <remarks>A build that ends soon does so within <see cref="MaxWaits"/> of these. Where a faked clock drives builds that really are at work on other threads, it is for this member to let them get on.</remarks>
    /// <param name="cancellationToken">A token that ends the wait.</param>
    /// <returns>A task that completes when the time has passed.</returns>
    public abstract Task WaitAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Waits for a call that is under way: until it has completed, or some time has passed.
    /// </summary>
    /// <remarks>
    /// The default lets time pass with <see cref="WaitAsync"/>, in faked time not faster than a call can hop threads. A harness whose clock is faked may do better: let time pass only when the runner waits on that clock, so that it never outruns a call. A call that then waits for nothing is ended by the token of the case alone.
    /// </remarks>
    /// <param name="running">The call. Its exception is not for this member.</param>
    /// <param name="cancellationToken">A token that ends the wait.</param>
    /// <returns>A task that completes when the call has, or when some time has passed.</returns>
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

    /// <summary>
    /// Waits until a build that runs is at the work that it was asked for. The default waits for nothing: a build whose status is <see cref="BuildStatus.Running"/> is.
    /// </summary>
    /// <remarks>For a backend whose builds run before they can do anything, such as <see cref="ConformanceBuild.IgnoresCancel"/>.</remarks>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">A token that ends the wait.</param>
    /// <returns>A task that completes when the build is at work.</returns>
    public virtual Task WaitUntilAtWorkAsync(BuildId buildId, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Gets how many times the kit waits for something before it takes it for failed: 1 or more. The default is 300.
    /// </summary>
    public virtual int MaxWaits => 300;

    /// <summary>
    /// Gets how many calls the kit makes at the same time where concurrency matters: 2 or more. The default is 16. Each may trigger a build, and all of these must end within <see cref="MaxWaits"/>.
    /// </summary>
    public virtual int ParallelCalls => 16;

    /// <summary>
    /// Gets the id of a build that has never been, of the form that the backend uses.
    /// </summary>
    public virtual BuildId UnknownBuildId => new("no-such-build");

    /// <summary>
    /// Gets the delay that <see cref="ConformanceFault.RateLimited"/> asks for. The default is 7 seconds.
    /// </summary>
    public virtual TimeSpan InjectedRetryAfter => TimeSpan.FromSeconds(7);

    /// <summary>
    /// Gets the credentials that the runner was given so far, so that the kit can look for them where they must not be, as they are, escaped for a URL, or in Base64. None is blank. Empty, the default, is a hook that is not given.
    /// </summary>
    /// <remarks>Asked for before a case and again after its calls, so that a token or session that was made during them is looked for too.</remarks>
    public virtual IReadOnlyList<string> Secrets => [];

    /// <summary>
    /// Gets what the runner has logged so far, or <see langword="null"/>, the default, if that is not captured. Empty is the same: nothing can be looked for in it.
    /// </summary>
    public virtual IReadOnlyList<string>? CapturedLogs => null;

    /// <summary>
    /// Gets the names of the <see cref="System.Diagnostics.ActivitySource"/>s that the runner and its transport trace to, such as <c>System.Net.Http</c>. Empty, the default, is a hook that is not given.
    /// </summary>
    public virtual IReadOnlyList<string> ActivitySourceNames => [];

    /// <summary>
    /// Lets calls from the runner to its backend go wrong: the next create of a trigger, which no runner may repeat, or every read of a status or stop of a cancel, which it may, until the fault is taken back. <see cref="ConformanceFault.CredentialsRefused"/> meets every create too, because a runner may send one again after it.
    /// </summary>
    /// <param name="fault">How.</param>
    /// <param name="failingCall">Which. Calls of the other kinds are let through, and so is what a runner does besides, such as a read of the state before a cancel.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>The fault, which the kit takes back; <see langword="null"/>, the default, if the harness cannot do this one.</returns>
    public virtual Task<ConformanceInjection?> InjectAsync(ConformanceFault fault, ConformanceCall failingCall, CancellationToken cancellationToken) =>
        Task.FromResult<ConformanceInjection?>(null);

    /// <summary>
    /// Puts a build into a state of the backend that no runner has ever heard of.
    /// </summary>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns><see langword="true"/> if that is done; <see langword="false"/>, the default, if the harness cannot.</returns>
    public virtual Task<bool> SetUnheardOfStateAsync(BuildId buildId, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>
    /// Counts the builds that the backend has created so far, for all runners of this harness.
    /// </summary>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>The count, or <see langword="null"/>, the default, if the harness cannot tell.</returns>
    public virtual Task<int?> CountCreatesAsync(CancellationToken cancellationToken) => Task.FromResult<int?>(null);

    /// <summary>
    /// Gets the changes that the backend has applied for an ended build, in the order in which it has.
    /// </summary>
    /// <param name="buildId">The build.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>The changes, or <see langword="null"/>, the default, if the harness cannot tell.</returns>
    public virtual Task<IReadOnlyList<Change>?> GetAppliedChangesAsync(BuildId buildId, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Change>?>(null);
}
