using System.Globalization;
using System.Runtime.CompilerServices;
using BuildRunner.Buildkite.Api;
using BuildRunner.Http;
using BuildRunner.Http.Runners;

namespace BuildRunner.Buildkite;

/// <summary>
/// Provides a runner that builds with a Buildkite pipeline.
/// </summary>
/// <remarks>
/// <para>Registered with <c>AddBuildkiteBuildRunner</c>. A build id is the pipeline and the number of the build, such as
/// <c>verify/123</c>. Once the runner has seen its end, a build keeps it, even if somebody retries its jobs.</para>
/// <para>The request reaches the pipeline as the environment variable <c>BUILD_REQUEST</c>, in the wire form of
/// <see cref="BuildRequest"/>. The pipeline applies it. Merged refs send a branch and its commit instead.</para>
/// <para>Safe for concurrent use. Tested on a fake made from Buildkite's documentation, not on buildkite.com.</para>
/// </remarks>
public sealed class BuildkiteBuildRunner : IBuildRunner, IBuildFinder, IBuildLogSource, IBuildStatusReader, IBuildWebhookReader
{
    // How long a build is believed to be blocked that the list does not show at work.
    private static readonly TimeSpan BlockedLife = TimeSpan.FromMinutes(1);

    private readonly BuildkiteApi _api;
    private readonly BuildkiteBuildRunnerOptions _options;
    private readonly TimeProvider _time;
    private readonly BatchReader<string, Dictionary<long, BuildReading>> _live;
    private readonly RecentBuilds<long, BuildkiteBuild> _builds = new(static build => build.Metadata.Length());

    internal BuildkiteBuildRunner(BuildkiteApi api, HttpBackend backend, BuildkiteBuildRunnerOptions options, TimeProvider time)
    {
        (_api, _options, _time) = (api, options, time);
        _live = new(backend, ReadLiveAsync, new() { Freshness = options.Freshness });
    }

    TimeSpan IBuildStatusReader.Freshness => _live.Freshness;

    /// <inheritdoc/>
    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var input = BuildInput.Of(request, _options.Changes);
        if (request.TriggerKey is not null && await _api.FindAsync(input.Token, cancellationToken).ConfigureAwait(false) is { } earlier)
        {
            var text = $"The trigger key was used for the build {earlier.Number} of Buildkite, with another base or head.";
            return earlier.Digest == _api.DigestOf(input) ? earlier.Id : throw new BuildRunnerException(text) { BuildId = earlier.Id };
        }

        // A merged commit has a branch of its own.
        await (input.Merged is null ? _api.CheckRulesAsync(cancellationToken) : Task.CompletedTask).ConfigureAwait(false);
        return await _api.CreateAsync(input, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        StatusAsync(buildId, TimeSpan.MaxValue, cancellationToken);

    Task<BuildSnapshot> IBuildStatusReader.StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken) =>
        StatusAsync(buildId, maxAge, cancellationToken);

    /// <inheritdoc/>
    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var number = NumberOf(buildId);
        var isRefused = false;
        BuildkiteBuild? build = null;
        async Task<bool> HasEndedAsync(CancellationToken stop)
        {
            var row = await _api.GetAsync(number, stop).ConfigureAwait(false);
            build = KnownOf(row);

            // Nothing of it runs, and nothing will unless somebody unblocks it.
            build.IsGivenUp |= isRefused && BuildkiteStatus.IsBlocked(row) && row.State != "running";
            return row.State == "canceling" || Note(row, build).Status.IsTerminal();
        }

        try
        {
            bool IsAccepted(HttpReply reply) => !(isRefused = reply.IsJson && (int)reply.StatusCode == 422) && reply.IsSuccess;
            await _api.CancelAsync(number, HasEndedAsync, IsAccepted, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // It may have come to Buildkite all the same.
            build?.CancelledAt = new StrongBox<long>(_time.GetTimestamp());
        }
    }

    /// <inheritdoc/>
    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        return (await _api.FindAsync(BuildInput.TokenOf(triggerKey), cancellationToken).ConfigureAwait(false))?.Id;
    }

    /// <inheritdoc/>
    public Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        _api.OpenLogAsync(NumberOf(buildId), cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<BuildId>?> ReadWebhookAsync(
        IReadOnlyDictionary<string, string> headers, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(headers);
        var secrets = _options.WebhookSecrets is { } source ? await source(cancellationToken).ConfigureAwait(false) : [];
        return !BuildkiteWebhook.IsAuthentic(headers, body.Span, secrets, _time.GetUtcNow()) ? null
            : BuildkiteWebhook.NumberIn(body.Span, _options.Pipeline) is { } number ? [_api.IdOf(number)]
            : [];
    }

    // Ids come out of a store. Only a number of this pipeline gets into an address.
    private long NumberOf(BuildId buildId)
    {
        BuildId.ThrowIfDefault(buildId);
        return long.TryParse(buildId.Value.Split('/')[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && _api.IdOf(number) == buildId ? number : throw new BuildNotFoundException(buildId);
    }

    private async Task<BuildSnapshot> StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var number = NumberOf(buildId);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);
        var build = _builds.Find(number);
        if (build?.Final is { } final)
        {
            return final;
        }

        // A signal is most often of an end, which the list does not show.
        if (maxAge >= _live.Freshness)
        {
            var live = await _live.GetFreshAsync(_options.Pipeline, maxAge, cancellationToken).ConfigureAwait(false);
            build = _builds.Find(number);
            var longest = maxAge < BlockedLife ? maxAge : BlockedLife;
            var blocked = build?.Blocked is { } seen && _time.GetElapsedTime(seen.ReadAt) < longest ? seen : null;
            if (build is not null && (live!.GetValueOrDefault(number) ?? blocked) is { } reading
                && !(build.CancelledAt?.Value >= reading.ReadAt) && !StatusOf(reading.Row, build).IsTerminal())
            {
                return SnapshotOf(reading.Row, build);
            }
        }

        var readAt = _time.GetTimestamp();
        var row = await _api.GetAsync(number, cancellationToken).ConfigureAwait(false);
        build = KnownOf(row);
        build.Blocked = BuildkiteStatus.IsBlocked(row) ? new(Bare(row), readAt) : null;
        return Note(row, build);
    }

    // The first end that is seen stays.
    private BuildSnapshot Note(BuildRow row, BuildkiteBuild build)
    {
        var snapshot = SnapshotOf(row, build);
        return build.Final ?? (snapshot.Status.IsTerminal() ? build.End(snapshot) : snapshot);
    }

    private async Task<IReadOnlyDictionary<string, Dictionary<long, BuildReading>>> ReadLiveAsync(
        IReadOnlyList<string> pipelines, CancellationToken cancellationToken)
    {
        var readAt = _time.GetTimestamp();
        Dictionary<long, BuildReading> live = [];
        await foreach (var row in _api.ListLiveAsync(cancellationToken).ConfigureAwait(false))
        {
            KnownOf(row);
            live[row.Number] = new(Bare(row), readAt);
        }

        return new Dictionary<string, Dictionary<long, BuildReading>> { [pipelines[0]] = live };
    }

    private static BuildRow Bare(BuildRow row) => row with { Env = default, MetaData = default, Jobs = null };

    private BuildStatus StatusOf(BuildRow row, BuildkiteBuild build) =>
        BuildkiteStatus.Of(row, _options.FailsBlockedBuilds || build.IsGivenUp);

    private BuildSnapshot SnapshotOf(BuildRow row, BuildkiteBuild build)
    {
        var status = StatusOf(row, build);
        var metadata = build.Metadata.With(
            (BuildMetadataKeys.NativeState, row is { Blocked: true, State: not "blocked" } ? $"{row.State}/blocked" : row.State ?? ""),
            (BuildMetadataKeys.Url, row.WebUrl),
            (BuildMetadataKeys.Commit, _options.Changes == ChangesForm.Merged ? row.Commit : null),
            (BuildMetadataKeys.FailureKind, status == BuildStatus.Failed ? BuildkiteStatus.FailureKindOf(row) : null),
            ("buildkite_id", row.Id),
            ("cancel_reason", status == BuildStatus.Cancelled ? row.CancelReason : null));
        return new() { Status = status, Metadata = metadata };
    }

    private BuildkiteBuild KnownOf(BuildRow row) => _builds.Find(row.Number) ?? _builds.GetOrAdd(row.Number, BuildkiteBuild.Of(row));
}
