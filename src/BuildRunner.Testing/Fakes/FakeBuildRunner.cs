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
    private readonly FakeBackend _backend;

    /// <summary>
    /// Initializes a new instance of the <see cref="FakeBuildRunner"/> class on a backend of its own.
    /// </summary>
    /// <param name="timeProvider">The clock that its builds live by; <see langword="null"/> for the system's.</param>
    public FakeBuildRunner(TimeProvider? timeProvider = null)
        : this(new FakeBackend(timeProvider ?? TimeProvider.System))
    {
    }

    private FakeBuildRunner(FakeBackend backend) => _backend = backend;

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
    public FakeBuildRunner Restart() => new(_backend);

    /// <summary>
    /// Scripts the next build that has no script yet.
    /// </summary>
    /// <param name="build">What it does.</param>
    /// <exception cref="ArgumentNullException"><paramref name="build"/> is <see langword="null"/>.</exception>
    public void NextBuild(FakeBuild build)
    {
        ArgumentNullException.ThrowIfNull(build);
        lock (_backend.Lock)
        {
            _backend.NextBuilds.Enqueue(build);
        }
    }

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
    /// <returns>The failure that waits, which tells when a call has met it and can be taken back.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public PlannedFailure NextTrigger(FakeFailure failure) => Plan(_backend.TriggerFailures, _backend.TriggerFailures.AddNext, failure);

    /// <summary>
    /// Lets every trigger fail for which no failure is queued, until that is taken back or another is said.
    /// </summary>
    /// <param name="failure">How.</param>
    /// <returns>The failure, which tells when a call has met it and can be taken back.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public PlannedFailure EveryTrigger(FakeFailure failure) => Plan(_backend.TriggerFailures, _backend.TriggerFailures.SetEvery, failure);

    /// <summary>
    /// Lets the next status call that has no failure yet fail.
    /// </summary>
    /// <param name="failure">How.</param>
    /// <returns>The failure that waits, which tells when a call has met it and can be taken back.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public PlannedFailure NextStatus(FakeFailure failure) => Plan(_backend.StatusFailures, _backend.StatusFailures.AddNext, failure);

    /// <summary>
    /// Lets every status call fail for which no failure is queued, until that is taken back or another is said.
    /// </summary>
    /// <param name="failure">How.</param>
    /// <returns>The failure, which tells when a call has met it and can be taken back.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public PlannedFailure EveryStatus(FakeFailure failure) => Plan(_backend.StatusFailures, _backend.StatusFailures.SetEvery, failure);

    /// <summary>
    /// Lets the next cancel that has no failure yet fail.
    /// </summary>
    /// <param name="failure">How.</param>
    /// <returns>The failure that waits, which tells when a call has met it and can be taken back.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public PlannedFailure NextCancel(FakeFailure failure) => Plan(_backend.CancelFailures, _backend.CancelFailures.AddNext, failure);

    /// <summary>
    /// Lets every cancel fail for which no failure is queued, until that is taken back or another is said.
    /// </summary>
    /// <param name="failure">How.</param>
    /// <returns>The failure, which tells when a call has met it and can be taken back.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public PlannedFailure EveryCancel(FakeFailure failure) => Plan(_backend.CancelFailures, _backend.CancelFailures.SetEvery, failure);

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
            _backend.Find(buildId).MoveTo(status, metadata ?? BuildMetadata.Empty, _backend.Now);
        }
    }

    /// <inheritdoc/>
    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        int index;
        PlannedFailure? planned;
        lock (_backend.Lock)
        {
            index = _backend.Triggers.Count;
            _backend.Triggers.Add(new FakeTrigger(request, buildId: null));
            planned = _backend.TriggerFailures.Take();
        }

        await FailAsync(planned, isTrigger: true, buildId: null, cancellationToken).ConfigureAwait(false);
        return Answer(planned, isTrigger: true, buildId: null, () =>
        {
            if (_backend.Rejection(request) is { } reason)
            {
                throw new BuildRunnerException($"The request was rejected: {reason}");
            }

            var buildId = _backend.Create(request).Id;
            _backend.Triggers[index] = new FakeTrigger(request, buildId);
            return buildId;
        });
    }

    /// <inheritdoc/>
    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        cancellationToken.ThrowIfCancellationRequested();
        PlannedFailure? planned;
        lock (_backend.Lock)
        {
            _backend.StatusCalls.Add(buildId);
            planned = _backend.StatusFailures.Take();
        }

        await FailAsync(planned, isTrigger: false, buildId, cancellationToken).ConfigureAwait(false);
        return Answer(planned, isTrigger: false, buildId, () => _backend.Find(buildId).SnapshotAt(_backend.Now));
    }

    /// <inheritdoc/>
    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        cancellationToken.ThrowIfCancellationRequested();
        PlannedFailure? planned;
        lock (_backend.Lock)
        {
            _backend.Cancels.Add(buildId);
            planned = _backend.CancelFailures.Take();
            if (planned is { Failure.SparesEnded: true } && _backend.Find(buildId).SnapshotAt(_backend.Now).Status.IsTerminal())
            {
                return;
            }
        }

        await FailAsync(planned, isTrigger: false, buildId, cancellationToken).ConfigureAwait(false);
        Answer(planned, isTrigger: false, buildId, () =>
        {
            _backend.Find(buildId).Cancel(_backend.Now);
            return true;
        });
    }

    /// <inheritdoc/>
    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_backend.Lock)
        {
            return _backend.FindByKey(triggerKey)?.Id;
        }
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_backend.Lock)
        {
            return new MemoryStream(Encoding.UTF8.GetBytes(_backend.Find(buildId).Log), writable: false);
        }
    }

    // What fails before it has an effect, or never comes back.
    private static async Task FailAsync(PlannedFailure? planned, bool isTrigger, BuildId? buildId, CancellationToken cancellationToken)
    {
        if (planned is { Failure.Hanging: true })
        {
            await planned.HangAsync(cancellationToken).ConfigureAwait(false);
        }

        if (planned is { Failure.TakesEffect: false })
        {
            throw planned.Failure.ToException(isTrigger, buildId);
        }
    }

    // Whatever the backend answers, a lost answer does not arrive.
    private T Answer<T>(PlannedFailure? planned, bool isTrigger, BuildId? buildId, Func<T> effect)
    {
        lock (_backend.Lock)
        {
            try
            {
                var answer = effect();
                return planned is null ? answer : throw planned.Failure.ToException(isTrigger, buildId);
            }
            catch (BuildRunnerException) when (planned is not null)
            {
                throw planned.Failure.ToException(isTrigger, buildId);
            }
        }
    }

    private PlannedFailure Plan(FailurePlan plan, Action<PlannedFailure> add, FakeFailure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        PlannedFailure planned = new(failure, withdrawn =>
        {
            lock (_backend.Lock)
            {
                plan.Remove(withdrawn);
            }
        });
        lock (_backend.Lock)
        {
            add(planned);
        }

        return planned;
    }

    private List<T> Copy<T>(List<T> list)
    {
        lock (_backend.Lock)
        {
            return [.. list];
        }
    }
}
