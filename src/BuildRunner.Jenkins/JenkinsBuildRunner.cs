using System.Runtime.CompilerServices;
using BuildRunner.Http;
using BuildRunner.Http.Runners;
using BuildRunner.Jenkins.Api;

namespace BuildRunner.Jenkins;

/// <summary>
/// Provides a runner that builds with a Jenkins job.
/// </summary>
/// <remarks>
/// <para>Registered with <c>AddJenkinsBuildRunner</c>. A build id is the number of a queue item, which Jenkins keeps with the build, and a
/// hash that distinguishes it from a later item with the same number. The request reaches the job as the parameter <c>BUILD_REQUEST</c>, in
/// the wire form of <see cref="BuildRequest"/>. The job applies it. Merged refs send <c>BUILD_BRANCH</c> and <c>BUILD_COMMIT</c>.</para>
/// <para>Safe for concurrent use. Tested on a fake based on the documentation and source of Jenkins, not on a Jenkins controller.</para>
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
    private readonly RecentBuilds<ItemId, JenkinsBuild> _builds = new(static build => build.Metadata.Length());

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
            var text = $"The trigger key was used for the queue item {earlier.Id.QueueId} of Jenkins, with another base or head.";
            return earlier.Word == order.Word ? earlier.Id.BuildId : throw new BuildRunnerException(text) { BuildId = earlier.Id.BuildId };
        }

        Task<BuildId?> FindLostAsync(CancellationToken stop) => FindBuildAsync(order.KeyPart, stop);
        var id = await _job.TriggerAsync(order, FindLostAsync, cancellationToken).ConfigureAwait(false);
        _index.Add(id.QueueId, order);
        _builds.GetOrAdd(id, new JenkinsBuild(order.ReadMetadata()));
        return id.BuildId;
    }

    /// <inheritdoc/>
    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        GetAsync(buildId, TimeSpan.MaxValue, cancellationToken);

    Task<BuildSnapshot> IBuildStatusReader.StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken) =>
        GetAsync(buildId, maxAge, cancellationToken);

    /// <inheritdoc/>
    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = ItemId.Parse(buildId);
        try
        {
            while (!await TryCancelAsync(id, cancellationToken).ConfigureAwait(false)) { }
        }
        finally
        {
            // It may have come to Jenkins all the same.
            _states.Forget(_job);
        }
    }

    /// <inheritdoc/>
    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        return await FindBuildAsync(BuildOrder.KeyPartOf(triggerKey, _options), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var (_, state) = await ReadAsync(ItemId.Parse(buildId), HttpOperations.Read, cancellationToken).ConfigureAwait(false);
        return await _job.OpenLogAsync(state.Number, cancellationToken).ConfigureAwait(false);
    }

    private async Task<BuildSnapshot> GetAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var id = ItemId.Parse(buildId);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);
        var build = _builds.Find(id);
        if (build?.Final is { } final)
        {
            return final;
        }

        // A build that has just begun is looked at alone, for what it was given.
        var states = build is null ? null : await _states.GetFreshAsync(_job, maxAge, cancellationToken).ConfigureAwait(false);
        var (seen, state) = states?.GetValueOrDefault(id.QueueId) is { } listed && listed.Number == build!.Number?.Value ? (build, listed)
            : await ReadAsync(id, HttpOperations.Read, cancellationToken).ConfigureAwait(false);
        return SnapshotOf(id, seen, state);
    }

    private async Task<(JenkinsBuild Build, BuildState State)> ReadAsync(ItemId id, string operation, CancellationToken cancellationToken)
    {
        var build = _builds.Find(id);
        var state = await _job.GetAsync(id, build?.Number?.Value, operation, cancellationToken).ConfigureAwait(false)
            ?? (build?.IsCancelledInQueue == true ? BuildState.Cancelled : null);
        if (state is null || (state.Order?.Word is not null && state.Order.KeyPart != id.KeyPart))
        {
            _index.Forget(id);
            throw new BuildNotFoundException(id.BuildId);
        }

        var metadata = state.Order is { } order ? order.ReadMetadata() : build!.Metadata;
        build ??= _builds.GetOrAdd(id, new JenkinsBuild(metadata));
        build.IsLost |= metadata is null;
        build.Number = state.Number is { } number ? new StrongBox<long>(number) : build.Number;
        return (build, state);
    }

    private BuildSnapshot SnapshotOf(ItemId id, JenkinsBuild build, BuildState state)
    {
        // What Jenkins has dropped was not built: a success would approve it, and a failure of the code would blame it.
        var (status, kind) = (build.IsLost, state.Status) switch
        {
            (true, BuildStatus.Succeeded or BuildStatus.Failed) => (BuildStatus.Failed, BuildFailureKinds.Infra),
            (true, not BuildStatus.Cancelled) => throw _job.Lost(id.BuildId),
            _ => (state.Status, state.FailureKind),
        };
        var metadata = build.Metadata.With(
            (BuildMetadataKeys.NativeState, state.Native),
            (BuildMetadataKeys.Url, state.Number is { } number ? _job.AddressOf(number) : null),
            (BuildMetadataKeys.FailureKind, kind));
        BuildSnapshot snapshot = new() { Status = status, Metadata = metadata };
        return status.IsTerminal() ? build.End(snapshot) : snapshot;
    }

    // An item that leaves the queue meanwhile is not cancelled. Its build is stopped instead, by the next try.
    private async Task<bool> TryCancelAsync(ItemId id, CancellationToken cancellationToken)
    {
        var (build, state) = await ReadAsync(id, HttpOperations.Check, cancellationToken).ConfigureAwait(false);
        var latest = state;
        async Task<bool> HasEndedAsync(CancellationToken stop) =>
            (latest = (await ReadAsync(id, HttpOperations.Check, stop).ConfigureAwait(false)).State).Status.IsTerminal();
        var waited = build.TimeSinceCancel(_time);
        var verb = !state.IsPipeline || waited < TermGrace ? "stop" : waited < KillGrace ? "term" : "kill";
        try
        {
            await _job.CancelAsync(id, state.Number, verb, HasEndedAsync, cancellationToken).ConfigureAwait(false);
        }
        catch (BuildRunnerException) when (state.Number is null && latest.Number is not null)
        {
            return false;
        }

        build.IsCancelledInQueue |= state.Number is null && latest.Number is null;
        if (state.Number is not null)
        {
            build.NoteCancel(_time);
        }

        return true;
    }

    private async Task<BuildId?> FindBuildAsync(string keyPart, CancellationToken cancellationToken) =>
        await _index.FindAsync(keyPart, cancellationToken).ConfigureAwait(false) is { } found ? found.Id.BuildId : null;

    private sealed class JenkinsBuild(BuildMetadata? metadata) : KnownBuild(metadata)
    {
        public volatile StrongBox<long>? Number;
        public volatile bool IsCancelledInQueue;
        public volatile bool IsLost;
    }
}
