using System.Runtime.CompilerServices;
using BuildRunner.Http;
using BuildRunner.Jenkins.Api;

namespace BuildRunner.Jenkins;

/// <summary>
/// Provides a runner that builds with a job of Jenkins.
/// </summary>
/// <remarks>
/// <para>Registered with <c>AddJenkinsBuildRunner</c>. A build id is the number of a queue item, which Jenkins keeps with the build, and a
/// hash. It outlives the item, and an item that is given the same number later is not taken for it.</para>
/// <para>The job is given the request as <c>BUILD_REQUEST</c>, in the wire form of <see cref="BuildRequest"/>, and applies it. Merged refs
/// give it <c>BUILD_BRANCH</c> and <c>BUILD_COMMIT</c> instead.</para>
/// <para>Safe for concurrent use. Tried against a fake made from the source of Jenkins, and not against Jenkins.</para>
/// </remarks>
public sealed class JenkinsBuildRunner : IBuildRunner, IBuildFinder, IBuildLogSource, IBuildStatusReader
{
    // Some time for the steps that clean up, and well before an orchestration gives up by its defaults.
    private static readonly TimeSpan TermGrace = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan KillGrace = TimeSpan.FromMinutes(2);

    private readonly JenkinsJob _job;
    private readonly JenkinsBuildRunnerOptions _options;
    private readonly TimeProvider _time;
    private readonly BuildIndex _index;
    private readonly BatchReader<JenkinsJob, Dictionary<long, BuildState>> _states;
    private readonly RecentBuilds<ItemId, KnownBuild> _builds = new(static build => build.Length);

    internal JenkinsBuildRunner(JenkinsJob job, HttpBackend backend, JenkinsBuildRunnerOptions options, TimeProvider time)
    {
        (_job, _options, _time, _index) = (job, options, time, new BuildIndex(job));
        _states = new(backend, job.ReadAllAsync, new() { Freshness = options.Freshness, Concurrency = 1 });
    }

    TimeSpan IBuildStatusReader.Freshness => _states.Freshness;

    /// <inheritdoc/>
    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var order = BuildOrder.Of(request, _options);
        if (request.TriggerKey is not null && await _index.FindAsync(order.KeyPart, cancellationToken).ConfigureAwait(false) is { } earlier)
        {
            var text = $"The trigger key was used for the queue item {earlier.Id.Text} of Jenkins, with another base or head.";
            return earlier.Word == order.Word ? earlier.Id.BuildId : throw new BuildRunnerException(text) { BuildId = earlier.Id.BuildId };
        }

        Task<BuildId?> FindLostAsync(CancellationToken stop) => FindBuildAsync(order.KeyPart, stop);
        var id = await _job.TriggerAsync(order, FindLostAsync, cancellationToken).ConfigureAwait(false);
        _index.Add(id.QueueId, order);
        _builds.GetOrAdd(id, new KnownBuild(order.ReadMetadata() ?? BuildMetadata.Empty));
        return id.BuildId;
    }

    /// <inheritdoc/>
    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        GetAsync(ItemId.Parse(buildId), TimeSpan.MaxValue, cancellationToken);

    Task<BuildSnapshot> IBuildStatusReader.StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken) =>
        GetAsync(ItemId.Parse(buildId), maxAge, cancellationToken);

    /// <inheritdoc/>
    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = ItemId.Parse(buildId);
        async Task<bool> HasEndedAsync(CancellationToken stop) => _builds.Find(id)?.Final is not null
            || (await ReadAsync(id, HttpOperations.Check, stop).ConfigureAwait(false)).State.Status.IsTerminal();
        bool? isTaken = false;
        try
        {
            // An item that leaves the queue meanwhile is not cancelled, and its build is stopped instead.
            for (var attempt = 0; isTaken == false && attempt < 2; attempt++)
            {
                var (build, state) = await ReadAsync(id, HttpOperations.Check, cancellationToken).ConfigureAwait(false);
                var waited = build.StoppedAt is { } stoppedAt ? _time.GetElapsedTime(stoppedAt.Value) : TimeSpan.Zero;
                var verb = !state.IsPipeline || waited < TermGrace ? "stop" : waited < KillGrace ? "term" : "kill";
                isTaken = await _job.CancelAsync(id, state.Number, verb, HasEndedAsync, cancellationToken).ConfigureAwait(false);
                build.IsCancelledInQueue |= isTaken == true && state.Number is null;
                build.StoppedAt ??= state.Number is null ? null : new StrongBox<long>(_time.GetTimestamp());
            }
        }
        finally
        {
            // It may have come to Jenkins all the same.
            _states.Forget(_job);
        }

        if (isTaken == false)
        {
            var text = $"The item {id.Text} of Jenkins has left the queue, and its build is not there yet.";
            throw new BuildRunnerException(text) { BuildId = buildId, IsTransient = true };
        }
    }

    /// <inheritdoc/>
    public Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        return FindBuildAsync(BuildOrder.KeyPartOf(triggerKey, _options), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var (_, state) = await ReadAsync(ItemId.Parse(buildId), HttpOperations.Read, cancellationToken).ConfigureAwait(false);
        return await _job.OpenLogAsync(state.Number, cancellationToken).ConfigureAwait(false);
    }

    private async Task<BuildSnapshot> GetAsync(ItemId id, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);
        var build = _builds.Find(id);
        if (build?.Final is { } final)
        {
            return final;
        }

        var states = build is null ? null : await _states.GetFreshAsync(_job, maxAge, cancellationToken).ConfigureAwait(false);
        var state = states?.GetValueOrDefault(id.QueueId);

        // A build that has just begun is looked at alone, for what it was given.
        if (build is null || state is null || state.Number != build.Number?.Value)
        {
            (build, state) = await ReadAsync(id, HttpOperations.Read, cancellationToken).ConfigureAwait(false);
        }

        return SnapshotOf(id, build, state);
    }

    private async Task<(KnownBuild Build, BuildState State)> ReadAsync(ItemId id, string operation, CancellationToken cancellationToken)
    {
        var build = _builds.Find(id);
        var state = await _job.GetAsync(id, build?.Number?.Value, operation, cancellationToken).ConfigureAwait(false);
        if (state is null && build?.IsCancelledInQueue == true)
        {
            return (build, BuildState.Cancelled);
        }

        if (state?.Order is not { } order || (order.Word is not null && order.KeyPart != id.KeyPart))
        {
            _index.Forget(id);
            throw new BuildNotFoundException(id.BuildId);
        }

        var metadata = order.ReadMetadata();
        build ??= _builds.GetOrAdd(id, new KnownBuild(metadata ?? BuildMetadata.Empty));
        build.IsLost |= metadata is null;
        build.Number = state.Number is { } number ? new StrongBox<long>(number) : build.Number;
        return (build, state);
    }

    private BuildSnapshot SnapshotOf(ItemId id, KnownBuild build, BuildState state)
    {
        // What Jenkins has dropped was not built: a success would approve it, and a failure of the code would blame it.
        var (status, kind) = (build.IsLost, state.Status) switch
        {
            (true, BuildStatus.Succeeded or BuildStatus.Failed) => (BuildStatus.Failed, BuildFailureKinds.Infra),
            (true, not BuildStatus.Cancelled) => throw _job.Lost(id.BuildId),
            _ => (state.Status, state.FailureKind),
        };
        BuildMetadata own = [new(BuildMetadataKeys.NativeState, state.Native)];
        own = state.Number is { } number ? own.SetItems([new(BuildMetadataKeys.Url, _job.AddressOf(number))]) : own;
        own = kind is not null ? own.SetItems([new(BuildMetadataKeys.FailureKind, kind)]) : own;
        BuildSnapshot snapshot = new() { Status = status, Metadata = build.Metadata.SetItems(own) };
        return status.IsTerminal() ? build.End(snapshot) : snapshot;
    }

    private async Task<BuildId?> FindBuildAsync(string keyPart, CancellationToken cancellationToken) =>
        await _index.FindAsync(keyPart, cancellationToken).ConfigureAwait(false) is { } found ? found.Id.BuildId : null;

    // What this process knows of a build. Times are time stamps.
    private sealed class KnownBuild(BuildMetadata metadata)
    {
        public volatile StrongBox<long>? Number;
        public volatile StrongBox<long>? StoppedAt;
        public volatile bool IsCancelledInQueue;
        public volatile bool IsLost;
        private BuildSnapshot? _final;

        public BuildMetadata Metadata => metadata;

        public int Length => metadata.Keys.Sum(key => key.Length + metadata[key].Length);

        public BuildSnapshot? Final => Volatile.Read(ref _final);

        // The first stays.
        public BuildSnapshot End(BuildSnapshot snapshot) => Interlocked.CompareExchange(ref _final, snapshot, null) ?? snapshot;
    }
}
