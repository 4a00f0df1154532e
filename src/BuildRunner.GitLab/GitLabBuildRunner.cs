using System.Runtime.CompilerServices;
using BuildRunner.GitLab.Api;
using BuildRunner.Http;

namespace BuildRunner.GitLab;

/// <summary>
/// Provides a runner that builds with GitLab CI pipelines.
/// </summary>
/// <remarks>
/// <para>Registered with <c>AddGitLabBuildRunner</c>. A build id is the id of a pipeline, followed by the beginning of the commit id if
/// merged commits are built. The request reaches the pipeline as the variable <c>BUILD_REQUEST</c>, in the wire form of
/// <see cref="BuildRequest"/>. The pipeline applies it.</para>
/// <para>Safe for concurrent use. Tested on a fake based on GitLab's documentation and source, not on a GitLab server.</para>
/// </remarks>
public sealed class GitLabBuildRunner : IBuildRunner, IBuildFinder, IBuildLogSource, IBuildStatusReader, IBuildWebhookReader
{
    // How long a new pipeline may not be found.
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    // Enough for most after_script sections, and well before an orchestration gives up by default.
    private static readonly TimeSpan CancelGrace = TimeSpan.FromMinutes(2);

    private readonly GitLabApi _api;
    private readonly GitLabBuildRunnerOptions _options;
    private readonly TimeProvider _time;
    private readonly BatchReader<PipelineId, PipelineRow> _rows;
    private readonly RecentBuilds<PipelineId, KnownPipeline> _pipelines = new();
    private readonly RecentBuilds<PipelineId, Echo> _echoes = new(static echo => echo.Length);
    private readonly RecentBuilds<string, Created> _created = new();

    // The names of pipelines whose creation is pending, or has an unknown outcome.
    private readonly RecentBuilds<string, object> _attempts = new();

    internal GitLabBuildRunner(GitLabApi api, HttpBackend backend, GitLabBuildRunnerOptions options, TimeProvider time)
    {
        (_api, _options, _time) = (api, options, time);
        PipelineSweep sweep = new(api, _pipelines, time);

        // One request answers for all builds, however many there are.
        _rows = new(backend, sweep.ReadAsync, new() { Freshness = options.Freshness, MaxBatch = int.MaxValue, Concurrency = 1 });
    }

    TimeSpan IBuildStatusReader.Freshness => _rows.Freshness;

    /// <inheritdoc/>
    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var order = BuildOrder.Of(request, _options.Changes);
        var name = BuildOrder.NameOf(request.TriggerKey ?? Guid.NewGuid().ToString());
        if (request.TriggerKey is { } key)
        {
            if (await FindEarlierAsync(name, key, cancellationToken).ConfigureAwait(false) is { } earlier)
            {
                var text = $"The trigger key was used for the pipeline {earlier.Id.Text} of GitLab, which builds something else.";
                return earlier.Content == order.Content
                    ? earlier.Id.BuildId : throw new BuildRunnerException(text) { BuildId = earlier.Id.BuildId };
            }

            object attempt = new();
            if (_attempts.GetOrAdd(name, attempt) != attempt && await _api.IsMuteAsync(cancellationToken).ConfigureAwait(false))
            {
                throw new TriggerOutcomeUnknownException($"This trigger key may have created a pipeline before. {GitLabApi.HowToShow}");
            }
        }

        try
        {
            // The id says what was asked for, whatever was built.
            async Task<BuildId?> FindLostAsync(CancellationToken stop) => await FindByNameAsync(name, stop)
                .Select(found => (BuildId?)PipelineId.Of(found.Id.Number, order.Merged?.CommitId).BuildId)
                .FirstOrDefaultAsync(stop).ConfigureAwait(false);
            var buildId = await _api.CreateAsync(order, name, FindLostAsync, cancellationToken).ConfigureAwait(false);
            var id = PipelineId.Parse(buildId);
            KnownOf(id).CreatedAt = new StrongBox<long>(_time.GetTimestamp());
            _created.GetOrAdd(name, new Created(id, order.Content));
            _attempts.Forget(name);
            return buildId;
        }
        catch (BuildRunnerException exception) when (exception is not TriggerOutcomeUnknownException)
        {
            _attempts.Forget(name);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        ((IBuildStatusReader)this).StatusAsync(buildId, TimeSpan.MaxValue, cancellationToken);

    async Task<BuildSnapshot> IBuildStatusReader.StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var id = PipelineId.Parse(buildId);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);

        // A list may lag behind a signal, and an end is reported from the pipeline itself.
        return KnownOf(id) is { Final: null, Reading: not null } && maxAge >= _rows.Freshness && _echoes.Find(id) is { } echo
            && await _rows.GetFreshAsync(id, maxAge, cancellationToken).ConfigureAwait(false) is { } row && !StatusOf(row).IsTerminal()
            ? SnapshotOf(id, row, echo, failureKind: null)
            : await ReadAsync(id, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = PipelineId.Parse(buildId);
        var pipeline = KnownOf(id);
        async Task<bool> HasEndedAsync(CancellationToken stop) => (await ReadAsync(id, stop).ConfigureAwait(false)).Status.IsTerminal();
        try
        {
            var state = await _api.CancelAsync(id, job: null, HasEndedAsync, cancellationToken).ConfigureAwait(false);
            if (state is not ("canceling" or null) && !GitLabStatus.Of(state, failsWhenManual: false).IsTerminal())
            {
                var text = $"GitLab did not cancel the pipeline {id.Text}, which is still '{state}'; cancel it again.";
                throw new BuildRunnerException(text) { BuildId = buildId, IsTransient = true };
            }

            var cancelledAt = pipeline.CancelledAt ??= new StrongBox<long>(_time.GetTimestamp());
            if (state == "canceling" && _time.GetElapsedTime(cancelledAt.Value) >= CancelGrace)
            {
                var jobs = await _api.GetJobsAsync(id, cancellationToken).ConfigureAwait(false);
                foreach (var job in jobs.Where(static job => job.Status == "canceling"))
                {
                    await _api.CancelAsync(id, job, HasEndedAsync, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            // The cancel may have reached GitLab even if the call failed.
            _rows.Forget(id);
            pipeline.Reading = null;
        }
    }

    /// <inheritdoc/>
    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        await foreach (var found in FindByNameAsync(BuildOrder.NameOf(triggerKey), cancellationToken).ConfigureAwait(false))
        {
            return found.Id.BuildId;
        }

        var isMute = await _api.IsMuteAsync(cancellationToken).ConfigureAwait(false);
        return isMute ? throw new BuildRunnerConfigurationException(GitLabApi.HowToShow) : null;
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = PipelineId.Parse(buildId);
        await ReadAsync(id, cancellationToken).ConfigureAwait(false);
        var jobs = await _api.GetJobsAsync(id, cancellationToken).ConfigureAwait(false);
        return await _api.OpenLogsAsync(jobs, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<BuildId>?> ReadWebhookAsync(
        IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var secrets = _options.WebhookSecrets is { } source ? await source(cancellationToken).ConfigureAwait(false) : [];
        return !GitLabWebhook.IsAuthentic(headers, body.Span, secrets, _time.GetUtcNow()) ? null
            : GitLabWebhook.PipelineOf(body.Span, _options.Project) is { } row ? [_api.IdOf(row).BuildId] : [];
    }

    private KnownPipeline KnownOf(PipelineId id) => _pipelines.Find(id) ?? _pipelines.GetOrAdd(id, new KnownPipeline());

    private BuildStatus StatusOf(PipelineRow row) => GitLabStatus.Of(row.Status, _options.FailsWhenManual);

    // The oldest first. The list may not show yet what this process has created. An old server lists everything.
    private IAsyncEnumerable<Created> FindByNameAsync(string name, CancellationToken stop)
    {
        var listed = _api.ListAsync($"name={name}&order_by=id&sort=desc", HttpOperations.Check, stop).Where(row => row.Name == name)
            .Select(row => new Created(_api.IdOf(row), _options.Changes == ChangesForm.Merged ? row.Sha : null));
        return (_created.Find(name) is { } own ? listed.Where(one => one.Id.Number != own.Id.Number).Append(own) : listed)
            .OrderBy(static one => one.Id.Number);
    }

    private async Task<Created?> FindEarlierAsync(string name, string triggerKey, CancellationToken stop)
    {
        await foreach (var found in FindByNameAsync(name, stop).ConfigureAwait(false))
        {
            if (found.Content is not null)
            {
                return found;
            }

            var request = await _api.GetRequestAsync(found.Id, HttpOperations.Check, stop).ConfigureAwait(false);
            if (request?.TriggerKey == triggerKey)
            {
                return found with { Content = BuildOrder.ContentOf(request) };
            }
        }

        return null;
    }

    private async Task<BuildSnapshot> ReadAsync(PipelineId id, CancellationToken stop)
    {
        var pipeline = KnownOf(id);
        if (pipeline.Final is { } final)
        {
            return final;
        }

        var askedAt = _time.GetTimestamp();
        if (await _api.GetAsync(id, stop).ConfigureAwait(false) is not { } row)
        {
            return pipeline.CreatedAt is { } createdAt && _time.GetElapsedTime(createdAt.Value) < Settling
                ? new BuildSnapshot { Status = BuildStatus.Accepted } : throw new BuildNotFoundException(id.BuildId);
        }

        pipeline.Note(row, askedAt);
        var echo = _echoes.Find(id) ?? _echoes.GetOrAdd(id, await ReadEchoAsync(id, stop).ConfigureAwait(false));
        if (!StatusOf(row).IsTerminal())
        {
            return SnapshotOf(id, row, echo, failureKind: null);
        }

        var kind = row.Status == "failed"
            ? GitLabStatus.FailureKindOf(await _api.GetJobsAsync(id, stop).ConfigureAwait(false)) : GitLabStatus.FailureKindOf(row.Status);
        return pipeline.End(SnapshotOf(id, row, echo, kind));
    }

    private async Task<Echo> ReadEchoAsync(PipelineId id, CancellationToken stop)
    {
        try
        {
            var request = id.Revision is null ? await _api.GetRequestAsync(id, HttpOperations.Read, stop).ConfigureAwait(false) : null;
            return new Echo(request?.Metadata ?? BuildMetadata.Empty, IsLost: id.Revision is null && request is null);
        }
        catch (BuildRunnerConfigurationException)
        {
            // The token has just read the pipeline: only the variables are hidden from it.
            return new Echo(BuildMetadata.Empty, IsLost: false);
        }
    }

    private BuildSnapshot SnapshotOf(PipelineId id, PipelineRow row, Echo echo, string? failureKind)
    {
        var status = StatusOf(row);
        var isOther = id.Revision is { } revision && row.Sha?.StartsWith(revision, StringComparison.OrdinalIgnoreCase) != true;
        if (status is BuildStatus.Succeeded or BuildStatus.Failed && (isOther || echo.IsLost))
        {
            // Something else was built, which proves nothing: the branch was moved before the create, or GitLab has dropped the request.
            (status, failureKind) = (BuildStatus.Failed, BuildFailureKinds.Infra);
        }

        (string Key, string? Value)[] own =
        [
            (BuildMetadataKeys.NativeState, row.Status ?? ""),
            (BuildMetadataKeys.Url, row.WebUrl),
            (BuildMetadataKeys.Commit, id.Revision is null ? null : row.Sha),
            (BuildMetadataKeys.FailureKind, failureKind),
        ];
        var known = own.Where(static pair => pair.Value is not null).Select(static pair => KeyValuePair.Create(pair.Key, pair.Value!));
        return new BuildSnapshot { Status = status, Metadata = echo.Metadata.SetItems([.. known]) };
    }

    private sealed record Created(PipelineId Id, string? Content);

    // What a pipeline shows of its request, which is lost if the variables are shown without it.
    private sealed record Echo(BuildMetadata Metadata, bool IsLost)
    {
        public int Length => Metadata.Keys.Sum(key => key.Length + Metadata[key].Length);
    }
}
