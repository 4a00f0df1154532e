using System.Text;

namespace BuildRunner.Testing;

/// <summary>
/// Provides a runner for tests: builds that live by a script and by a <see cref="TimeProvider"/>, calls that fail on demand, and a record of what was asked.
/// </summary>
/// <remarks>
/// It keeps every clause of the contract with every capability, and without a script its builds have succeeded at the first look. Scripts that were queued are used up in order, each by the next build or call. Safe for concurrent use.
/// </remarks>
public sealed class FakeBuildRunner : IBuildRunner, IBuildFinder, IBuildLogSource
{
    private readonly TimeProvider _timeProvider;
    private readonly FakeBackend _backend;

    /// <summary>
    /// Initializes a new instance of the <see cref="FakeBuildRunner"/> class on a backend of its own.
    /// </summary>
    /// <param name="timeProvider">The clock that its builds live by; <see langword="null"/> for the system's.</param>
    public FakeBuildRunner(TimeProvider? timeProvider = null)
        : this(timeProvider ?? TimeProvider.System, new FakeBackend())
    {
    }

    private FakeBuildRunner(TimeProvider timeProvider, FakeBackend backend)
    {
        _timeProvider = timeProvider;
        _backend = backend;
    }

    /// <summary>
    /// Gets a copy of the calls of <see cref="TriggerAsync"/> so far, in order, those that failed included.
    /// </summary>
    public IReadOnlyList<FakeTrigger> Triggers => Copy(_backend.Triggers);

    /// <summary>
    /// Gets a copy of the builds that were asked for with <see cref="StatusAsync"/> so far, in order, calls that failed included.
    /// </summary>
    public IReadOnlyList<BuildId> StatusCalls => Copy(_backend.StatusCalls);

    /// <summary>
    /// Gets a copy of the builds that <see cref="CancelAsync"/> was called for so far, in order, calls that failed included.
    /// </summary>
    public IReadOnlyList<BuildId> Cancels => Copy(_backend.Cancels);

    /// <summary>
    /// Gets how many builds were created so far. Less than <see cref="Triggers"/> where a trigger failed or found a build by its key.
    /// </summary>
    public long CreatedBuilds
    {
        get
        {
            lock (_backend.Lock)
            {
                return _backend.Created;
            }
        }
    }

    /// <summary>
    /// Makes another runner on the same backend, as after a restart of the process or in a second one.
    /// </summary>
    /// <returns>A runner that knows the same builds, scripts and records.</returns>
    public FakeBuildRunner Restart() => new(_timeProvider, _backend);

    /// <summary>
    /// Scripts the next build that has no script yet.
    /// </summary>
    /// <param name="build">What it does.</param>
    /// <exception cref="ArgumentNullException"><paramref name="build"/> is <see langword="null"/>.</exception>
    public void NextBuild(FakeBuild build) => Enqueue(_backend.NextBuilds, build);

    /// <summary>
    /// Scripts every build for which none is queued.
    /// </summary>
    /// <param name="script">Says what a build of a request does. Called once for each build, under a lock: it must not call the runner.</param>
    /// <exception cref="ArgumentNullException"><paramref name="script"/> is <see langword="null"/>.</exception>
    public void EveryBuild(Func<BuildRequest, FakeBuild> script)
    {
        ArgumentNullException.ThrowIfNull(script);
        lock (_backend.Lock)
        {
            _backend.Script = script;
        }
    }

    /// <summary>
    /// Says which requests are rejected.
    /// </summary>
    /// <param name="rejection">Gives the reason, or <see langword="null"/> for a request that is accepted. Called under a lock: it must not call the runner.</param>
    /// <exception cref="ArgumentNullException"><paramref name="rejection"/> is <see langword="null"/>.</exception>
    public void Reject(Func<BuildRequest, string?> rejection)
    {
        ArgumentNullException.ThrowIfNull(rejection);
        lock (_backend.Lock)
        {
            _backend.Rejection = rejection;
        }
    }

    /// <summary>
    /// Lets the next trigger that has no failure yet fail.
    /// </summary>
    /// <param name="failure">How.</param>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public void NextTrigger(FakeFailure failure) => Enqueue(_backend.TriggerFailures, failure);

    /// <summary>
    /// Lets the next status call that has no failure yet fail.
    /// </summary>
    /// <param name="failure">How.</param>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public void NextStatus(FakeFailure failure) => Enqueue(_backend.StatusFailures, failure);

    /// <summary>
    /// Lets the next cancel that has no failure yet fail.
    /// </summary>
    /// <param name="failure">How.</param>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public void NextCancel(FakeFailure failure) => Enqueue(_backend.CancelFailures, failure);

    /// <summary>
    /// Lets the next call that has no failure yet fail, whichever of the three it is.
    /// </summary>
    /// <param name="failure">How.</param>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public void NextCall(FakeFailure failure) => Enqueue(_backend.CallFailures, failure);

    /// <summary>
    /// Takes a build out of its script and puts it into a status by hand, where it stays until it is moved again or cancelled.
    /// </summary>
    /// <param name="buildId">The build.</param>
    /// <param name="status">The status, terminal or not.</param>
    /// <param name="metadata">What the build tells from now on; <see langword="null"/> is the same as empty.</param>
    /// <exception cref="BuildNotFoundException">There is no such build.</exception>
    /// <exception cref="InvalidOperationException">The build has ended.</exception>
    public void MoveTo(BuildId buildId, BuildStatus status, BuildMetadata? metadata = null)
    {
        lock (_backend.Lock)
        {
            var now = _timeProvider.GetUtcNow();
            _backend.Find(buildId, now).MoveTo(status, metadata ?? BuildMetadata.Empty, now);
        }
    }

    /// <inheritdoc/>
    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        int index;
        FakeFailure? failure;
        lock (_backend.Lock)
        {
            index = _backend.Triggers.Count;
            _backend.Triggers.Add(new FakeTrigger(request, BuildId: null));
            failure = _backend.TakeFailure(_backend.TriggerFailures);
        }

        await FailAsync(failure, isTrigger: true, buildId: null, cancellationToken).ConfigureAwait(false);
        BuildId buildId;
        lock (_backend.Lock)
        {
            if (_backend.Rejection(request) is { } reason)
            {
                throw new BuildRunnerException($"The request was rejected: {reason}");
            }

            buildId = _backend.Create(request, _timeProvider.GetUtcNow()).Id;
            _backend.Triggers[index] = new FakeTrigger(request, buildId);
        }

        return failure is null ? buildId : throw failure.ToException(isTrigger: true, buildId: null);
    }

    /// <inheritdoc/>
    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        cancellationToken.ThrowIfCancellationRequested();
        FakeFailure? failure;
        lock (_backend.Lock)
        {
            _backend.StatusCalls.Add(buildId);
            failure = _backend.TakeFailure(_backend.StatusFailures);
        }

        await FailAsync(failure, isTrigger: false, buildId, cancellationToken).ConfigureAwait(false);
        lock (_backend.Lock)
        {
            var now = _timeProvider.GetUtcNow();
            var snapshot = _backend.Find(buildId, now).SnapshotAt(now);
            return failure is null ? snapshot : throw failure.ToException(isTrigger: false, buildId);
        }
    }

    /// <inheritdoc/>
    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        cancellationToken.ThrowIfCancellationRequested();
        FakeFailure? failure;
        lock (_backend.Lock)
        {
            _backend.Cancels.Add(buildId);
            failure = _backend.TakeFailure(_backend.CancelFailures);
            var now = _timeProvider.GetUtcNow();
            if (failure is { SparesEnded: true } && _backend.Find(buildId, now).SnapshotAt(now).Status.IsTerminal())
            {
                return;
            }
        }

        await FailAsync(failure, isTrigger: false, buildId, cancellationToken).ConfigureAwait(false);
        lock (_backend.Lock)
        {
            var now = _timeProvider.GetUtcNow();
            _backend.Find(buildId, now).Cancel(now);
        }

        if (failure is not null)
        {
            throw failure.ToException(isTrigger: false, buildId);
        }
    }

    /// <inheritdoc/>
    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_backend.Lock)
        {
            return _backend.FindByKey(triggerKey, _timeProvider.GetUtcNow())?.Id;
        }
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_backend.Lock)
        {
            return new MemoryStream(Encoding.UTF8.GetBytes(_backend.Find(buildId, _timeProvider.GetUtcNow()).Log), writable: false);
        }
    }

    // What fails before it has an effect, or never comes back.
    private static async Task FailAsync(FakeFailure? failure, bool isTrigger, BuildId? buildId, CancellationToken cancellationToken)
    {
        if (failure is { Hanging: true })
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        }

        if (failure is { TakesEffect: false })
        {
            throw failure.ToException(isTrigger, buildId);
        }
    }

    private void Enqueue<T>(Queue<T> queue, T item)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(item);
        lock (_backend.Lock)
        {
            queue.Enqueue(item);
        }
    }

    private List<T> Copy<T>(List<T> list)
    {
        lock (_backend.Lock)
        {
            return [.. list];
        }
    }
}
