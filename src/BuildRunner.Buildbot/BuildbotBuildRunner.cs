using System.Globalization;
using BuildRunner.Buildbot.Api;
using BuildRunner.Http;
using BuildRunner.Http.Runners;

namespace BuildRunner.Buildbot;

/// <summary>Provides a runner that builds on a Buildbot master.</summary>
/// <remarks>
/// <para>Register it with <c>AddBuildbotBuildRunner</c>. A build id is the number of a build <i>request</i>: Buildbot's own builds are
/// attempts at one, and a lost worker leads to another attempt.</para>
/// <para>The builder gets the request as the property <c>build_request</c>, in the wire form of <see cref="BuildRequest"/>, and applies
/// it. Merged refs send a branch and its commit instead, which Buildbot checks out.</para>
/// <para>Safe for concurrent use. Tried against a real Buildbot 3.7.</para>
/// </remarks>
public sealed class BuildbotBuildRunner : IBuildRunner, IBuildFinder, IBuildLogSource, IBuildStatusReader
{
    private readonly BuildbotMaster _master;
    private readonly BuildbotBuildRunnerOptions _options;
    private readonly BatchReader<long, BuildRequestRow> _rows;

    // What a build must build never changes, and each read costs the master a query.
    private readonly RecentBuilds<long, KnownRequest> _known = new(static known => known.Metadata.Length());

    internal BuildbotBuildRunner(BuildbotMaster master, HttpBackend backend, BuildbotBuildRunnerOptions options)
    {
        _master = master;
        _options = options;
        _rows = new BatchReader<long, BuildRequestRow>(backend, master.GetManyAsync, new BatchReaderOptions<BuildRequestRow>
        {
            Freshness = options.Freshness,
            IsFinal = static row => BuildbotStatus.Of(row).IsTerminal(),
        });
    }

    /// <inheritdoc/>
    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.TriggerKey is { } key
            ? await FindSameAsync(request, key, cancellationToken).ConfigureAwait(false)
                ?? await ForceAsync(request, token => FindAsync(key, token), cancellationToken).ConfigureAwait(false)
            : await ForceAsync(request, find: null, cancellationToken).ConfigureAwait(false);
    }

    TimeSpan IBuildStatusReader.Freshness => _rows.Freshness;

    /// <inheritdoc/>
    public Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        ReadAsync(buildId, TimeSpan.MaxValue, cancellationToken);

    Task<BuildSnapshot> IBuildStatusReader.StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken) =>
        ReadAsync(buildId, maxAge, cancellationToken);

    /// <inheritdoc/>
    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = NumberOf(buildId);
        async Task<bool> HasEndedAsync(CancellationToken token) => (await GetAsync(buildId, id, token).ConfigureAwait(false)).Complete;
        try
        {
            await _master.CancelAsync(buildId, id, HasEndedAsync, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // A failed call may still have reached the master.
            _rows.Forget(id);
        }
    }

    /// <inheritdoc/>
    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        return await _master.FindAsync(triggerKey, cancellationToken).ConfigureAwait(false) is { } found ? IdOf(found.Row) : null;
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = NumberOf(buildId);
        await GetAsync(buildId, id, cancellationToken).ConfigureAwait(false);
        return await _master.OpenLogAsync(id, cancellationToken).ConfigureAwait(false);
    }

    private async Task<BuildId> ForceAsync(
        BuildRequest request, Func<CancellationToken, Task<BuildId?>>? find, CancellationToken cancellationToken)
    {
        var buildId = await _master.ForceAsync(request, find, cancellationToken).ConfigureAwait(false);

        // A master that was set up again counts from one again, so cached data of the number belongs to another build.
        var id = NumberOf(buildId);
        _known.Forget(id);
        _rows.Forget(id, evenFinal: true);
        return buildId;
    }

    private async Task<BuildSnapshot> ReadAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var id = NumberOf(buildId);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);
        var builderId = await _master.GetBuilderIdAsync(cancellationToken).ConfigureAwait(false);
        if (_known.Find(id) is not { } known
            || await _rows.GetFreshAsync(id, maxAge, cancellationToken).ConfigureAwait(false) is not { } row
            || row.Builderid != builderId)
        {
            row = await GetAsync(buildId, id, cancellationToken).ConfigureAwait(false);
            if (await _master.GetOrderAsync(row, cancellationToken).ConfigureAwait(false) is not { } order)
            {
                return OfLost(buildId, row);
            }

            known = _known.GetOrAdd(id, new KnownRequest(order.Metadata));
        }

        if (!known.IsProven && BuildbotStatus.Of(row) == BuildStatus.Succeeded)
        {
            if (!await _master.HasBuiltAsync(id, known.Metadata, cancellationToken).ConfigureAwait(false))
            {
                return OfLost(buildId, row);
            }

            known.IsProven = true;
        }

        return SnapshotOf(buildId, row, known.Metadata, BuildbotStatus.Of(row), BuildbotStatus.FailureKindOf(row));
    }

    // Buildbot has dropped what to build: a success would approve it unbuilt, and a failure of the code would blame it.
    private BuildSnapshot OfLost(BuildId buildId, BuildRequestRow row)
    {
        var (fault, none) = (_master.FaultOf(buildId), BuildMetadata.Empty);
        return BuildbotStatus.Of(row) switch
        {
            BuildStatus.Cancelled => SnapshotOf(buildId, row, none, BuildStatus.Cancelled, failureKind: null),
            BuildStatus.Succeeded or BuildStatus.Failed => SnapshotOf(buildId, row, none, BuildStatus.Failed, BuildFailureKinds.Infra),
            _ => throw fault,
        };
    }

    private static BuildId IdOf(BuildRequestRow row) => new(row.Buildrequestid.ToString(CultureInfo.InvariantCulture));

    private static long NumberOf(BuildId buildId)
    {
        BuildId.ThrowIfDefault(buildId);
        return long.TryParse(buildId.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new BuildNotFoundException(buildId);
    }

    private async Task<BuildId?> FindSameAsync(BuildRequest request, string key, CancellationToken cancellationToken)
    {
        if (await _master.FindAsync(key, cancellationToken).ConfigureAwait(false) is not { } found)
        {
            return null;
        }

        var buildId = IdOf(found.Row);
        var text = $"The trigger key belongs to the build request {buildId} of Buildbot, with another base or head. Use a new key.";
        return found.Order.IsOf(request) ? buildId : throw new BuildRunnerException(text) { BuildId = buildId };
    }

    private async Task<BuildRequestRow> GetAsync(BuildId buildId, long id, CancellationToken cancellationToken) =>
        await _master.GetAsync(id, cancellationToken).ConfigureAwait(false) ?? throw new BuildNotFoundException(buildId);

    private BuildSnapshot SnapshotOf(
        BuildId buildId, BuildRequestRow row, BuildMetadata metadata, BuildStatus status, string? failureKind)
    {
        var url = $"{_options.Url!.AbsoluteUri.TrimEnd('/')}/#/buildrequests/{buildId.Value}";
        var own = metadata.With(
            (BuildMetadataKeys.NativeState, BuildbotStatus.NativeOf(row)),
            (BuildMetadataKeys.Url, url),
            (BuildMetadataKeys.FailureKind, failureKind));
        return new BuildSnapshot { Status = status, Metadata = own };
    }

    private sealed class KnownRequest(BuildMetadata metadata)
    {
        public BuildMetadata Metadata => metadata;

        /// <summary>Gets or sets a value indicating whether its success is known to be that of the right commit.</summary>
        public bool IsProven { get; set; }
    }
}
