using BuildRunner.GitHubActions.Api;
using BuildRunner.Http;
using BuildRunner.Http.Runners;

namespace BuildRunner.GitHubActions;

/// <summary>
/// Provides a runner that builds with a GitHub Actions workflow.
/// </summary>
/// <remarks>
/// <para>Register it with <c>AddGitHubActionsBuildRunner</c>. A build id is the number of a run; for merged commits, the beginning of the
/// commit id follows. A build is the first attempt of its run: if somebody runs it again by hand, the build stays as it first
/// ended.</para>
/// <para>The workflow gets the request as the input <c>build_request</c>, in the wire form of <see cref="BuildRequest"/>, and applies
/// it.</para>
/// <para>Safe for concurrent use. Tried against a fake made from GitHub's documentation and its official OpenAPI specification, but not
/// against github.com.</para>
/// </remarks>
public sealed class GitHubActionsBuildRunner : IBuildRunner, IBuildFinder, IBuildLogSource, IBuildStatusReader, IBuildWebhookReader
{
    // Leaves steps time to clean up, and is well below the default limit of an orchestration.
    private static readonly TimeSpan CancelGrace = TimeSpan.FromMinutes(2);

    // GraphQL does not distinguish attempts, so each run is also read itself from time to time.
    private static readonly TimeSpan SecondLook = TimeSpan.FromMinutes(30);

    private readonly GitHubApi _api;
    private readonly GitHubActionsBuildRunnerOptions _options;
    private readonly TimeProvider _time;
    private readonly RunIndex _index;
    private readonly BatchReader<NumberedId, SuiteRow> _suites;
    private readonly RecentBuilds<NumberedId, KnownRun> _runs = new();
    private readonly OpenTriggers _triggers = new();

    internal GitHubActionsBuildRunner(GitHubApi api, HttpBackend graph, GitHubActionsBuildRunnerOptions options, TimeProvider time)
    {
        (_api, _options, _time) = (api, options, time);
        _index = new RunIndex(api, time);
        _suites = new BatchReader<NumberedId, SuiteRow>(graph, ReadManyAsync, new() { Freshness = options.Freshness });
    }

    TimeSpan IBuildStatusReader.Freshness => _suites.Freshness;

    /// <inheritdoc/>
    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var input = BuildInput.Of(request, _options.Changes);
        var token = RunToken.Of(request, input, _api.RefName);
        var keyPart = RunToken.KeyPartIn(token);
        if (request.TriggerKey is not null)
        {
            if (await _index.FindAsync(keyPart, cancellationToken).ConfigureAwait(false) is { } earlier)
            {
                var what = input.Merged is null ? "another base or head" : "another commit";
                var text = $"The trigger key belongs to the run {earlier.Number} of GitHub, with {what}. Use a new key.";
                return earlier.Token == token ? IdOf(earlier) : throw new BuildRunnerException(text) { BuildId = IdOf(earlier) };
            }

            if (!_triggers.TryBegin(keyPart) && _index.IsMute)
            {
                throw new TriggerOutcomeUnknownException($"An earlier trigger with this key may have created a run. {_api.HowToShow}");
            }
        }

        try
        {
            Task<BuildId?> FindLostAsync(CancellationToken stop) => FindRunAsync(token, stop);
            var dispatch = _api.DispatchAsync(input, token, FindLostAsync, cancellationToken);
            var id = NumberedId.Parse(await _triggers.RunAsync(keyPart, dispatch).ConfigureAwait(false));
            KnownOf(id).NoteCreate(_time);
            _index.Add(id.Number, token);
            return id.BuildId;
        }
        catch (TriggerOutcomeUnknownException exception) when (_index.IsMute)
        {
            throw new TriggerOutcomeUnknownException($"{exception.Message} {_api.HowToShow}", exception);
        }
    }

    /// <inheritdoc/>
    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        await StatusAsync(NumberedId.Parse(buildId), buildId, TimeSpan.MaxValue, cancellationToken).ConfigureAwait(false);

    async Task<BuildSnapshot> IBuildStatusReader.StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var id = NumberedId.Parse(buildId);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);
        return await StatusAsync(id, buildId, maxAge, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = NumberedId.Parse(buildId);
        var run = KnownOf(id);
        var isForced = run.TimeSinceCancel(_time) >= CancelGrace;
        try
        {
            await _api.CancelAsync(
                id,
                buildId,
                isForced,
                async token => (await ReadAsync(id, buildId, run, seen: null, token).ConfigureAwait(false)).Status.IsTerminal(),
                cancellationToken).ConfigureAwait(false);
            run.NoteCancel(_time);
        }
        finally
        {
            // A failed call may still have reached GitHub.
            _suites.Forget(id);
        }
    }

    /// <inheritdoc/>
    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        return await FindRunAsync(RunToken.KeyPartOf(triggerKey), cancellationToken).ConfigureAwait(false)
            ?? (_index.IsMute ? throw new BuildRunnerConfigurationException(_api.HowToShow) : null);
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = NumberedId.Parse(buildId);
        await ReadAsync(id, buildId, KnownOf(id), seen: null, cancellationToken).ConfigureAwait(false);
        var jobs = await _api.GetJobsAsync(id, buildId, cancellationToken).ConfigureAwait(false);
        return await _api.OpenLogsAsync(jobs, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<BuildId>?> ReadWebhookAsync(
        IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var secrets = _options.WebhookSecrets is { } source ? await source(cancellationToken).ConfigureAwait(false) : [];
        return GitHubWebhook.Read(headers, body.Span, secrets, _options);
    }

    private BuildId IdOf((long Number, string Token) run) =>
        new NumberedId(run.Number, _options.Changes == ChangesForm.Merged ? RunToken.RevisionIn(run.Token) : null).BuildId;

    private async Task<BuildSnapshot> StatusAsync(NumberedId id, BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var run = KnownOf(id);
        if (run.Final is { } final)
        {
            return final;
        }

        // GraphQL may lag behind a signal.
        if (run.Reading is not { Row.NodeId: not null } reading || maxAge < _suites.Freshness)
        {
            return await ReadAsync(id, buildId, run, seen: null, cancellationToken).ConfigureAwait(false);
        }

        var suite = await _suites.GetFreshAsync(id, maxAge, cancellationToken).ConfigureAwait(false);
        return suite is null || IsNews(reading, suite) || _time.GetElapsedTime(reading.ReadAt) >= SecondLook
            ? await ReadAsync(id, buildId, run, suite, cancellationToken).ConfigureAwait(false)
            : SnapshotOf(id, reading.Row, failureKind: null);
    }

    // Only the run itself decides its end. Any other change is looked at once.
    private static bool IsNews(RunReading reading, SuiteRow suite) =>
        "COMPLETED".Equals(suite.Status, StringComparison.OrdinalIgnoreCase)
        || (suite != reading.Seen && !string.Equals(suite.Status, reading.Row.Status, StringComparison.OrdinalIgnoreCase));

    private async Task<BuildSnapshot> ReadAsync(NumberedId id, BuildId buildId, KnownRun run, SuiteRow? seen, CancellationToken stop)
    {
        if (run.Final is { } final)
        {
            return final;
        }

        var readAt = _time.GetTimestamp();
        if (await _api.GetAsync(id, buildId, stop).ConfigureAwait(false) is not { } row)
        {
            return run.IsNew(_time)
                ? new BuildSnapshot { Status = BuildStatus.Accepted }
                : throw new BuildNotFoundException(buildId);
        }

        run.Reading = new RunReading(row, seen, readAt);
        if (!RunStatus.Of(row).IsTerminal())
        {
            return SnapshotOf(id, row, failureKind: null);
        }

        var kind = row.Conclusion == "failure"
            ? RunStatus.FailureKindOf(await _api.GetJobsAsync(id, buildId, stop).ConfigureAwait(false))
            : RunStatus.FailureKindOf(row);
        return run.End(SnapshotOf(id, row, kind));
    }

    private static BuildSnapshot SnapshotOf(NumberedId id, RunRow row, string? failureKind)
    {
        var status = RunStatus.Of(row);
        if (status is BuildStatus.Succeeded or BuildStatus.Failed && !id.IsOf(row.HeadSha))
        {
            // The branch was moved before the run began, so something else was built, which proves nothing.
            (status, failureKind) = (BuildStatus.Failed, BuildFailureKinds.Infra);
        }

        var metadata = BuildMetadata.Empty.With(
            (BuildMetadataKeys.NativeState, RunStatus.NativeOf(row)),
            (BuildMetadataKeys.Attempt, "1"),
            (BuildMetadataKeys.Url, row.HtmlUrl),
            (BuildMetadataKeys.Commit, id.Revision is null ? null : row.HeadSha),
            (BuildMetadataKeys.FailureKind, failureKind));
        return new BuildSnapshot { Status = status, Metadata = metadata };
    }

    private async Task<BuildId?> FindRunAsync(string beginning, CancellationToken cancellationToken) =>
        await _index.FindAsync(beginning, cancellationToken).ConfigureAwait(false) is { } found ? IdOf(found) : null;

    private async Task<IReadOnlyDictionary<NumberedId, SuiteRow>> ReadManyAsync(IReadOnlyList<NumberedId> ids, CancellationToken stop)
    {
        List<(NumberedId Id, string NodeId)> known =
            [.. ids.Select(id => (id, _runs.Find(id)?.Reading?.Row.NodeId!)).Where(static run => run.Item2 is not null)];
        try
        {
            var suites = await _api.GetManyAsync([.. known.Select(static run => run.NodeId)], stop).ConfigureAwait(false);
            return known.Zip(suites).Where(static pair => pair.Second is not null)
                .ToDictionary(static pair => pair.First.Id, static pair => pair.Second!);
        }
        catch (BuildRunnerConfigurationException)
        {
            // A token without access to GraphQL can still read runs one by one. If it is refused there too, that read reports it.
            return new Dictionary<NumberedId, SuiteRow>();
        }
    }

    private KnownRun KnownOf(NumberedId id) => _runs.Find(id) ?? _runs.GetOrAdd(id, new KnownRun());
}
