using BuildRunner.GitLab.Api;
using BuildRunner.Http;
using BuildRunner.Http.Runners;

namespace BuildRunner.GitLab;

/// <summary>Provides a runner that builds with GitLab CI pipelines.</summary>
/// <remarks>
/// <para>Registered with <c>AddGitLabBuildRunner</c>. A build id is the id of a pipeline, followed by the beginning of the commit id if
/// merged commits are built. The request reaches the pipeline as the variable <c>BUILD_REQUEST</c>, in the wire form of
/// <see cref="BuildRequest"/>. The pipeline applies it.</para>
/// <para>Safe for concurrent use. Tested on a fake based on GitLab's documentation and source, not on a GitLab server.</para>
/// </remarks>
public sealed class GitLabBuildRunner : IBuildRunner, IBuildFinder, IBuildLogSource, IBuildStatusReader, IBuildWebhookReader
{
    // Enough for most after_script sections, and well before an orchestration gives up by default.
    private static readonly TimeSpan CancelGrace = TimeSpan.FromMinutes(2);

    private readonly GitLabApi _api;
    private readonly GitLabBuildRunnerOptions _options;
    private readonly TimeProvider _time;
    private readonly BatchReader<NumberedId, PipelineRow> _rows;
    private readonly RecentBuilds<NumberedId, KnownPipeline> _pipelines = new();
    private readonly RecentBuilds<NumberedId, Echo> _echoes = new(static echo => echo.Metadata.Length());
    private readonly RecentBuilds<string, Created> _created = new();
    private readonly OpenTriggers _triggers = new();

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

        // GitLab replaces $NAME and %NAME% in values.
        var input = BuildInput.Of(request, _options.Changes, escaped: "$%");
        var (name, content) = (input.Token, input.Merged?.CommitId ?? BuildInput.HashOf(input.Subject));
        if (request.TriggerKey is { } key)
        {
            if (await FindEarlierAsync(name, key, cancellationToken).ConfigureAwait(false) is { } earlier)
            {
                var text = $"The trigger key was used for the pipeline {earlier.Id.Text} of GitLab, which builds something else.";
                return earlier.Content == content || earlier.Content is null
                    ? earlier.Id.BuildId : throw new BuildRunnerException(text) { BuildId = earlier.Id.BuildId };
            }

            if (!_triggers.TryBegin(name) && await _api.IsMuteAsync(cancellationToken).ConfigureAwait(false))
            {
                throw new TriggerOutcomeUnknownException($"This trigger key may have created a pipeline before. {GitLabApi.HowToShow}");
            }
        }

        // The id says what was asked for, whatever was built.
        async Task<BuildId?> FindLostAsync(CancellationToken stop) =>
            await FindByNameAsync(name, stop).FirstOrDefaultAsync(stop).ConfigureAwait(false) is { } lost
                ? NumberedId.Of(lost.Id.Number, input.Merged?.CommitId).BuildId : null;
        var create = _api.CreateAsync(input, FindLostAsync, cancellationToken);
        var id = NumberedId.Parse(await _triggers.RunAsync(name, create).ConfigureAwait(false));
        KnownOf(id).NoteCreate(_time);
        _created.GetOrAdd(name, new Created(id, content));
        return id.BuildId;
    }

    /// <inheritdoc/>
    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        ((IBuildStatusReader)this).StatusAsync(buildId, TimeSpan.MaxValue, cancellationToken);

    async Task<BuildSnapshot> IBuildStatusReader.StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var id = NumberedId.Parse(buildId);
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
        var id = NumberedId.Parse(buildId);
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

            pipeline.NoteCancel(_time);
            var isLate = state == "canceling" && pipeline.TimeSinceCancel(_time) >= CancelGrace;
            var jobs = isLate ? await _api.GetJobsAsync(id, cancellationToken).ConfigureAwait(false) : [];
            foreach (var job in jobs.Where(static job => job.Status == "canceling"))
            {
                await _api.CancelAsync(id, job, HasEndedAsync, cancellationToken).ConfigureAwait(false);
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
        var pipelines = FindByNameAsync(BuildInput.TokenOf(triggerKey), cancellationToken);
        return await pipelines.FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false) is { } found ? found.Id.BuildId
            : await _api.IsMuteAsync(cancellationToken).ConfigureAwait(false)
                ? throw new BuildRunnerConfigurationException(GitLabApi.HowToShow) : null;
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = NumberedId.Parse(buildId);
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

    private KnownPipeline KnownOf(NumberedId id) => _pipelines.Find(id) ?? _pipelines.GetOrAdd(id, new KnownPipeline());

    private BuildStatus StatusOf(PipelineRow row) => GitLabStatus.Of(row.Status, _options.FailsWhenManual);

    // The oldest first. The list may not show yet what this process has created. An old server lists everything.
    private IAsyncEnumerable<Created> FindByNameAsync(string name, CancellationToken stop)
    {
        var listed = _api.ListAsync($"name={name}&order_by=id&sort=desc", HttpOperations.Check, stop).Where(row => row.Name == name)
            .Select(row => new Created(_api.IdOf(row), _options.Changes == ChangesForm.Merged ? row.Sha : null));
        return (_created.Find(name) is { } own ? listed.Where(one => one.Id.Number != own.Id.Number).Append(own) : listed)
            .OrderBy(static one => one.Id.Number);
    }

    // Without its content if GitLab has dropped that. Such a pipeline never succeeds, and keeps its key.
    private ValueTask<Created?> FindEarlierAsync(string name, string triggerKey, CancellationToken cancellationToken) =>
        FindByNameAsync(name, cancellationToken).Select(async (found, stop) => found.Content is not null ? found
            : await _api.GetInputAsync(found.Id, HttpOperations.Check, stop).ConfigureAwait(false) is var (shown, request)
                && (request?.TriggerKey == triggerKey || (request is null && shown == name))
                ? found with { Content = request is null ? null : BuildInput.HashOf(BuildInput.SubjectOf(request)) } : null)
        .FirstOrDefaultAsync(static found => found is not null, cancellationToken);

    private async Task<BuildSnapshot> ReadAsync(NumberedId id, CancellationToken stop)
    {
        var pipeline = KnownOf(id);
        if (pipeline.Final is { } final)
        {
            return final;
        }

        var askedAt = _time.GetTimestamp();
        if (await _api.GetAsync(id, stop).ConfigureAwait(false) is not { } row)
        {
            return pipeline.IsNew(_time)
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

    private async Task<Echo> ReadEchoAsync(NumberedId id, CancellationToken stop)
    {
        try
        {
            var request = id.Revision is null
                ? (await _api.GetInputAsync(id, HttpOperations.Read, stop).ConfigureAwait(false)).Request : null;
            return new Echo(request?.Metadata ?? BuildMetadata.Empty, IsLost: id.Revision is null && request is null);
        }
        catch (BuildRunnerConfigurationException)
        {
            // The token has just read the pipeline: only the variables are hidden from it.
            return new Echo(BuildMetadata.Empty, IsLost: false);
        }
    }

    private BuildSnapshot SnapshotOf(NumberedId id, PipelineRow row, Echo echo, string? failureKind)
    {
        var status = StatusOf(row);
        if (status is BuildStatus.Succeeded or BuildStatus.Failed && (!id.IsOf(row.Sha) || echo.IsLost))
        {
            // Something else was built, which proves nothing: the branch was moved before the create, or GitLab has dropped the request.
            (status, failureKind) = (BuildStatus.Failed, BuildFailureKinds.Infra);
        }

        var metadata = echo.Metadata.With(
            (BuildMetadataKeys.NativeState, row.Status ?? ""),
            (BuildMetadataKeys.Url, row.WebUrl),
            (BuildMetadataKeys.Commit, id.Revision is null ? null : row.Sha),
            (BuildMetadataKeys.FailureKind, failureKind));
        return new BuildSnapshot { Status = status, Metadata = metadata };
    }

    private sealed record Created(NumberedId Id, string? Content);

    // What a pipeline shows of its request, which is lost if the variables are shown without it.
    private sealed record Echo(BuildMetadata Metadata, bool IsLost);
}
