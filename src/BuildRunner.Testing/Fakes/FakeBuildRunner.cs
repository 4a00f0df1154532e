using System.Text;

namespace BuildRunner.Testing;

/// <summary>Provides a runner for tests: its builds follow a script and a <see cref="TimeProvider"/>, its calls fail on demand, and it
/// records the calls it received.</summary>
/// <remarks>It fulfils every clause of the contract, with every capability. Without a script, a build has succeeded by its first status.
/// Queued scripts are used in order, one for each build or call. Safe for concurrent use.</remarks>
public sealed class FakeBuildRunner : IBuildRunner, IBuildFinder, IBuildLogSource
{
    private readonly FakeBackend _backend;

    /// <summary>Initializes a new instance of the <see cref="FakeBuildRunner"/> class with a backend of its own.</summary>
    /// <param name="timeProvider">The time provider of its builds, or <see langword="null"/> for <see cref="TimeProvider.System"/>.</param>
    public FakeBuildRunner(TimeProvider? timeProvider = null)
        : this(new FakeBackend(timeProvider ?? TimeProvider.System))
    {
    }

    private FakeBuildRunner(FakeBackend backend) => _backend = backend;

    /// <summary>Gets a copy of the <see cref="TriggerAsync"/> calls so far, in order, including failed calls.</summary>
    public IReadOnlyList<FakeTrigger> Triggers => Copy(_backend.Triggers);

    /// <summary>Gets a copy of the ids that were passed to <see cref="StatusAsync"/> so far, in order, including failed calls.</summary>
    public IReadOnlyList<BuildId> StatusCalls => Copy(_backend.StatusCalls);

    /// <summary>Gets a copy of the ids that were passed to <see cref="CancelAsync"/> so far, in order, including failed calls.</summary>
    public IReadOnlyList<BuildId> Cancels => Copy(_backend.Cancels);

    /// <summary>Gets the number of builds created so far. It is lower than the number of <see cref="Triggers"/> if a trigger failed or
    /// found a build by its key.</summary>
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

    /// <summary>Creates another runner on the same backend, as after a restart of the process or in a second process.</summary>
    /// <returns>A runner with the same builds, scripts and records.</returns>
    public FakeBuildRunner Restart() => new(_backend);

    /// <summary>Scripts the next build that has no script yet.</summary>
    /// <param name="build">The script.</param>
    /// <exception cref="ArgumentNullException"><paramref name="build"/> is <see langword="null"/>.</exception>
    public void NextBuild(FakeBuild build)
    {
        ArgumentNullException.ThrowIfNull(build);
        lock (_backend.Lock)
        {
            _backend.NextBuilds.Enqueue(build);
        }
    }

    /// <summary>Scripts every build for which no script is queued.</summary>
    /// <param name="script">Returns the script for a request. Called once per build, under a lock: it must not call the runner.</param>
    /// <exception cref="ArgumentNullException"><paramref name="script"/> is <see langword="null"/>.</exception>
    public void EveryBuild(Func<BuildRequest, FakeBuild> script)
    {
        ArgumentNullException.ThrowIfNull(script);
        lock (_backend.Lock)
        {
            _backend.Script = script;
        }
    }

    /// <summary>Sets the requests to reject.</summary>
    /// <param name="rejection">Returns the reason, or <see langword="null"/> to accept the request. Called under a lock: it must not call
    /// the runner.</param>
    /// <exception cref="ArgumentNullException"><paramref name="rejection"/> is <see langword="null"/>.</exception>
    public void Reject(Func<BuildRequest, string?> rejection)
    {
        ArgumentNullException.ThrowIfNull(rejection);
        lock (_backend.Lock)
        {
            _backend.Rejection = rejection;
        }
    }

    /// <summary>Queues a failure for the next trigger that has none.</summary>
    /// <param name="failure">The failure.</param>
    /// <returns>The planned failure. It reports when a call has met it; dispose it to withdraw it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public PlannedFailure NextTrigger(FakeFailure failure) => Plan(_backend.TriggerFailures, _backend.TriggerFailures.AddNext, failure);

    /// <summary>Sets the failure of all triggers that have none queued, until it is disposed or replaced.</summary>
    /// <param name="failure">The failure.</param>
    /// <returns>The planned failure. It reports when a call has met it; dispose it to withdraw it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public PlannedFailure EveryTrigger(FakeFailure failure) => Plan(_backend.TriggerFailures, _backend.TriggerFailures.SetEvery, failure);

    /// <summary>Queues a failure for the next status call that has none.</summary>
    /// <param name="failure">The failure.</param>
    /// <returns>The planned failure. It reports when a call has met it; dispose it to withdraw it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public PlannedFailure NextStatus(FakeFailure failure) => Plan(_backend.StatusFailures, _backend.StatusFailures.AddNext, failure);

    /// <summary>Sets the failure of all status calls that have none queued, until it is disposed or replaced.</summary>
    /// <param name="failure">The failure.</param>
    /// <returns>The planned failure. It reports when a call has met it; dispose it to withdraw it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public PlannedFailure EveryStatus(FakeFailure failure) => Plan(_backend.StatusFailures, _backend.StatusFailures.SetEvery, failure);

    /// <summary>Queues a failure for the next cancel that has none.</summary>
    /// <param name="failure">The failure.</param>
    /// <returns>The planned failure. It reports when a call has met it; dispose it to withdraw it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public PlannedFailure NextCancel(FakeFailure failure) => Plan(_backend.CancelFailures, _backend.CancelFailures.AddNext, failure);

    /// <summary>Sets the failure of all cancels that have none queued, until it is disposed or replaced.</summary>
    /// <param name="failure">The failure.</param>
    /// <returns>The planned failure. It reports when a call has met it; dispose it to withdraw it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="failure"/> is <see langword="null"/>.</exception>
    public PlannedFailure EveryCancel(FakeFailure failure) => Plan(_backend.CancelFailures, _backend.CancelFailures.SetEvery, failure);

    /// <summary>Moves a build from its script to a status, where it stays until it is moved again or cancelled.</summary>
    /// <param name="buildId">The build.</param>
    /// <param name="status">The status, terminal or not.</param>
    /// <param name="metadata">The metadata of the build from now on. <see langword="null"/> means empty.</param>
    /// <exception cref="BuildNotFoundException">The build does not exist.</exception>
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

        return await _backend.CallAsync(planned, buildId: null, Create, cancellationToken).ConfigureAwait(false);

        BuildId Create()
        {
            if (_backend.Rejection(request) is { } reason)
            {
                throw new BuildRunnerException($"The request was rejected: {reason}");
            }

            var buildId = _backend.Create(request).Id;
            _backend.Triggers[index] = new FakeTrigger(request, buildId);
            return buildId;
        }
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

        return await _backend.CallAsync(
            planned,
            buildId,
            () => _backend.Find(buildId).SnapshotAt(_backend.Now),
            cancellationToken).ConfigureAwait(false);
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

        await _backend.CallAsync(planned, buildId, Cancel, cancellationToken).ConfigureAwait(false);

        bool Cancel()
        {
            _backend.Find(buildId).Cancel(_backend.Now);
            return true;
        }
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
