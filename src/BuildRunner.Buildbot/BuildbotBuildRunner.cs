using System.Globalization;
using BuildRunner.Buildbot.Api;
using BuildRunner.Http;

namespace BuildRunner.Buildbot;

/// <summary>
/// Provides a runner that builds on a Buildbot master.
/// </summary>
/// <remarks>
/// <para>Registered with <c>AddBuildbotRunner</c>. A build id is the number of a build <i>request</i>: Buildbot's own builds are attempts at one, and a worker that is lost makes another.</para>
/// <para>The request reaches the builder as the property <c>build_request</c>, in the wire form of <see cref="BuildRequest"/>. The pipeline applies it.</para>
/// <para>Safe for concurrent use. Tried against a real Buildbot 3.7.</para>
/// </remarks>
public sealed class BuildbotBuildRunner : IBuildRunner, IBuildFinder, IBuildLogSource, IBuildStatusReader
{
    private readonly BuildbotMaster _master;
    private readonly BuildbotBuildRunnerOptions _options;
    private readonly BatchReader<long, BuildRequestRow> _rows;

    // What a build was asked for never changes, and costs the master a query each time.
    private readonly RecentBuilds<long, BuildMetadata> _metadata = new();

    internal BuildbotBuildRunner(BuildbotMaster master, HttpBackend backend, BuildbotBuildRunnerOptions options)
    {
        _master = master;
        _options = options;
        _rows = new BatchReader<long, BuildRequestRow>(backend, master.GetManyAsync, new BatchReaderOptions<BuildRequestRow>
        {
            Freshness = options.Freshness,
            IsFinal = static row => row.Complete,
        });
    }

    /// <inheritdoc/>
    public async Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.TriggerKey is not { } key)
        {
            return await _master.ForceAsync(request, find: null, cancellationToken).ConfigureAwait(false);
        }

        return await FindSameAsync(request, key, cancellationToken).ConfigureAwait(false)
            ?? await _master.ForceAsync(request, token => FindAsync(key, token), cancellationToken).ConfigureAwait(false);
    }

    TimeSpan IBuildStatusReader.Freshness => _rows.Freshness;

    /// <inheritdoc/>
    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default) =>
        await StatusAsync(NumberOf(buildId), buildId, TimeSpan.MaxValue, cancellationToken).ConfigureAwait(false);

    async Task<BuildSnapshot> IBuildStatusReader.StatusAsync(BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var id = NumberOf(buildId);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxAge, TimeSpan.Zero);
        return await StatusAsync(id, buildId, maxAge, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = NumberOf(buildId);
        try
        {
            await _master.CancelAsync(
                buildId,
                id,
                async token => (await GetAsync(buildId, id, token).ConfigureAwait(false)).Complete,
                cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // It may have come to the master all the same.
            _rows.Forget(id);
        }
    }

    /// <inheritdoc/>
    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        return await _master.FindAsync(triggerKey, cancellationToken).ConfigureAwait(false) is { } row ? IdOf(row) : null;
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        var id = NumberOf(buildId);
        await GetAsync(buildId, id, cancellationToken).ConfigureAwait(false);
        return await _master.OpenLogAsync(id, cancellationToken).ConfigureAwait(false);
    }

    private async Task<BuildSnapshot> StatusAsync(long id, BuildId buildId, TimeSpan maxAge, CancellationToken cancellationToken)
    {
        var builderId = await _master.GetBuilderIdAsync(cancellationToken).ConfigureAwait(false);
        if (_metadata.Find(id) is not { } metadata
            || await _rows.GetFreshAsync(id, maxAge, cancellationToken).ConfigureAwait(false) is not { } row
            || row.Builderid != builderId)
        {
            row = await GetAsync(buildId, id, cancellationToken).ConfigureAwait(false);
            metadata = Remember(id, buildId, row);
        }

        return SnapshotOf(buildId, row, metadata);
    }

    private static BuildId IdOf(BuildRequestRow row) => new(row.Buildrequestid.ToString(CultureInfo.InvariantCulture));

    private static long NumberOf(BuildId buildId)
    {
        BuildId.ThrowIfDefault(buildId);
        return long.TryParse(buildId.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : throw new BuildNotFoundException(buildId);
    }

    private async Task<BuildId?> FindSameAsync(BuildRequest request, string key, CancellationToken cancellationToken)
    {
        if (await _master.FindAsync(key, cancellationToken).ConfigureAwait(false) is not { } row)
        {
            return null;
        }

        var earlier = BuildbotMaster.RequestOf(row)!;
        return earlier.Base.SequenceEqual(request.Base) && earlier.Head.SequenceEqual(request.Head)
            ? IdOf(row)
            : throw new BuildRunnerException($"The trigger key was used for the build request {row.Buildrequestid} of Buildbot, with another base or head.") { BuildId = IdOf(row) };
    }

    private async Task<BuildRequestRow> GetAsync(BuildId buildId, long id, CancellationToken cancellationToken) =>
        await _master.GetAsync(id, cancellationToken).ConfigureAwait(false) ?? throw new BuildNotFoundException(buildId);

    private BuildMetadata Remember(long id, BuildId buildId, BuildRequestRow row)
    {
        if (BuildbotMaster.RequestOf(row) is { } request)
        {
            return _metadata.GetOrAdd(id, request.Metadata);
        }

        // A success would approve changes that were not built, and a failure would blame them.
        return BuildbotStatus.Of(row) == BuildStatus.Cancelled ? BuildMetadata.Empty : throw _master.LostRequest(buildId);
    }

    private BuildSnapshot SnapshotOf(BuildId buildId, BuildRequestRow row, BuildMetadata metadata)
    {
        List<KeyValuePair<string, string>> own =
        [
            new(BuildMetadataKeys.NativeState, BuildbotStatus.NativeOf(row)),
            new(BuildMetadataKeys.Url, $"{_options.Url!.AbsoluteUri.TrimEnd('/')}/#/buildrequests/{buildId.Value}"),
        ];
        if (BuildbotStatus.FailureKindOf(row) is { } kind)
        {
            own.Add(new(BuildMetadataKeys.FailureKind, kind));
        }

        return new BuildSnapshot { Status = BuildbotStatus.Of(row), Metadata = metadata.SetItems([.. own]) };
    }
}
