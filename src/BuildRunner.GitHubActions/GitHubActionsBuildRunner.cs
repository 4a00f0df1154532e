using System.Runtime.CompilerServices;
using BuildRunner.GitHubActions.Api;
using BuildRunner.Http;

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
    // How long a new run may not be found yet.
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    // Leaves steps time to clean up, and is well below the default limit of an orchestration.
    private static readonly TimeSpan CancelGrace = TimeSpan.FromMinutes(2);

    // GraphQL does not distinguish attempts, so each run is also read itself from time to time.
    private static readonly TimeSpan SecondLook = TimeSpan.FromMinutes(30);

    private readonly GitHubApi _api;
    private readonly GitHubActionsBuildRunnerOptions _options;
    private readonly TimeProvider _time;
    private readonly RunIndex _index;
    private readonly BatchReader<RunId, SuiteRow> _suites;
    private readonly RecentBuilds<RunId, KnownRun> _runs = new();

    // The keys of dispatches that are in progress or have an unknown outcome.
    private readonly RecentBuilds<string, object> _attempts = new();

    internal GitHubActionsBuildRunner(GitHubApi api, HttpBackend graph, GitHubActionsBuildRunnerOptions options, TimeProvider time)
    {
        (_api, _options, _time) = (api, options, time);
        _index = new RunIndex(api, time);
        _suites = new BatchReader<RunId, SuiteRow>(graph, ReadManyAsync, new() { Freshness = options.Freshness });
    }

    TimeSpan IBuildStatusReader.Freshness => _suites.Freshness;

    /// <inheritdoc/>
    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var merged = _options.Changes == ChangesForm.Merged ? MergedRevision.Of(request) : null;
        var document = merged is null ? RequestDocument.Of(request) : null;
        var token = RunToken.Of(request, merged, _api.RefName);
        var keyPart = RunToken.KeyPartIn(token);
        if (request.TriggerKey is not null)
        {
            if (await _index.FindAsync(keyPart, cancellationToken).ConfigureAwait(false) is { } earlier)
            {
                var what = merged is null ? "another base or head" : "another commit";
                var text = $"The trigger key belongs to the run {earlier.Number} of GitHub, with {what}. Use a new key.";
                return earlier.Token == token ? IdOf(earlier) : throw new BuildRunnerException(text) { BuildId = IdOf(earlier) };
            }

            var attempt = new object();
            if (_attempts.GetOrAdd(keyPart, attempt) != attempt && _index.IsMute)
            {
                throw new TriggerOutcomeUnknownException($"An earlier trigger with this key may have created a run. {_api.HowToShow}");
            }
        }

        try
        {
            Task<BuildId?> FindLostAsync(CancellationToken stop) => FindRunAsync(token, stop);
            var buildId = await _api.DispatchAsync(document, merged, token, FindLostAsync, cancellationToken).ConfigureAwait(false);
            var id = RunId.Parse(buildId);
            KnownOf(id).CreatedAt = new StrongBox<long>(_time.GetTimestamp());
            _index.Add(id.Number, token);
            _attempts.Forget(keyPart);
            return buildId;
        }
        catch (TriggerOutcomeUnknownException exception) when (_index.IsMute)
        {
            throw new TriggerOutcomeUnknownException($"{exception.Message} {_api.HowToShow}", exception);
        }
        catch (BuildRunnerException exception) when (exception is not TriggerOutcomeUnknownException)
        {
            _attempts.Forget(keyPart);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        await StatusAsync(RunId.Parse(buildId), buildId, TimeSpan.MaxValue, cancellationToken).ConfigureAwait(false);

    async Task<BuildSnapshot> IBuildStatusReader.StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var id = RunId.Parse(buildId);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);
        return await StatusAsync(id, buildId, maxAge, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = RunId.Parse(buildId);
        var run = KnownOf(id);
        var isForced = run.CancelledAt is { } cancelledAt && _time.GetElapsedTime(cancelledAt.Value) >= CancelGrace;
        try
        {
            await _api.CancelAsync(
                id,
                buildId,
                isForced,
                async token => (await ReadAsync(id, buildId, run, seen: null, token).ConfigureAwait(false)).Status.IsTerminal(),
                cancellationToken).ConfigureAwait(false);
            run.CancelledAt ??= new StrongBox<long>(_time.GetTimestamp());
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
        var id = RunId.Parse(buildId);
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
        new RunId(run.Number, _options.Changes == ChangesForm.Merged ? RunToken.RevisionIn(run.Token) : null).BuildId;

    private async Task<BuildSnapshot> StatusAsync(RunId id, BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken)
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

    private async Task<BuildSnapshot> ReadAsync(RunId id, BuildId buildId, KnownRun run, SuiteRow? seen, CancellationToken stop)
    {
        if (run.Final is { } final)
        {
            return final;
        }

        var readAt = _time.GetTimestamp();
        if (await _api.GetAsync(id, buildId, stop).ConfigureAwait(false) is not { } row)
        {
            return run.CreatedAt is { } createdAt && _time.GetElapsedTime(createdAt.Value) < Settling
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

    private static BuildSnapshot SnapshotOf(RunId id, RunRow row, string? failureKind)
    {
        var status = RunStatus.Of(row);
        if (status is BuildStatus.Succeeded or BuildStatus.Failed && id.Revision is { } revision
            && row.HeadSha?.StartsWith(revision, StringComparison.OrdinalIgnoreCase) != true)
        {
            // The branch was moved before the run began, so something else was built, which proves nothing.
            (status, failureKind) = (BuildStatus.Failed, BuildFailureKinds.Infra);
        }

        (string Key, string? Value)[] own =
        [
            (BuildMetadataKeys.NativeState, RunStatus.NativeOf(row)),
            (BuildMetadataKeys.Attempt, "1"),
            (BuildMetadataKeys.Url, row.HtmlUrl),
            (BuildMetadataKeys.Commit, id.Revision is null ? null : row.HeadSha),
            (BuildMetadataKeys.FailureKind, failureKind),
        ];
        var known = own.Where(static pair => pair.Value is not null).Select(static pair => KeyValuePair.Create(pair.Key, pair.Value!));
        return new BuildSnapshot { Status = status, Metadata = [.. known] };
    }

    private async Task<BuildId?> FindRunAsync(string beginning, CancellationToken cancellationToken) =>
        await _index.FindAsync(beginning, cancellationToken).ConfigureAwait(false) is { } found ? IdOf(found) : null;

    private async Task<IReadOnlyDictionary<RunId, SuiteRow>> ReadManyAsync(IReadOnlyList<RunId> ids, CancellationToken cancellationToken)
    {
        List<(RunId Id, string NodeId)> known =
            [.. ids.Select(id => (id, _runs.Find(id)?.Reading?.Row.NodeId!)).Where(static run => run.Item2 is not null)];
        try
        {
            var suites = await _api.GetManyAsync([.. known.Select(static run => run.NodeId)], cancellationToken).ConfigureAwait(false);
            return known.Zip(suites).Where(static pair => pair.Second is not null)
                .ToDictionary(static pair => pair.First.Id, static pair => pair.Second!);
        }
        catch (BuildRunnerConfigurationException)
        {
            // A token without access to GraphQL can still read runs one by one. If it is refused there too, that read reports it.
            return new Dictionary<RunId, SuiteRow>();
        }
    }

    private KnownRun KnownOf(RunId id) => _runs.Find(id) ?? _runs.GetOrAdd(id, new KnownRun());
}
