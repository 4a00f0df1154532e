using System.Collections.Concurrent;
using System.Runtime.Versioning;
using System.Text;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Gets information about builds from their records and from the CI.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedBuilds(
    IBuildRunner inner,
    Func<CancellationToken, Task<MergedState>> openAsync,
    MergedCleanUp cleanUp,
    TimeProvider timeProvider)
{
    /// <summary>The metadata key of the reference that the commit was pushed under.</summary>
    public const string ReferenceKey = "ref";

    // How long a status waits for the commit, which it can do without.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // How long a build without a record is not looked up again.
    private static readonly TimeSpan Oblivion = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<BuildId, long> _without = new();

    /// <summary>Adds the commit of the build to the status from the CI.</summary>
    public async Task<BuildSnapshot> CompleteAsync(BuildId buildId, BuildSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (await TryFindRecordAsync(buildId, cancellationToken).ConfigureAwait(false) is not { } record)
        {
            return snapshot;
        }

        if (snapshot.Status.IsTerminal())
        {
            cleanUp.HasEnded(await openAsync(cancellationToken).ConfigureAwait(false), record, snapshot.Status);
        }

        return snapshot with
        {
            Metadata = snapshot.Metadata.SetItems(
                [new(BuildMetadataKeys.Commit, record.Commit!), new(ReferenceKey, record.Reference!)]),
        };
    }

    public async Task<Stream?> FindLogAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        if (MergedIds.TokenOf(buildId) is null)
        {
            return null;
        }

        var own = await FindOwnAsync(buildId, cancellationToken).ConfigureAwait(false);
        return new MemoryStream(Encoding.UTF8.GetBytes($"buildrunner: {own.Note}\n"), writable: false);
    }

    /// <exception cref="BuildNotFoundException">The id has the form of such a build, but the build does not exist.</exception>
    public async Task<bool> IsOwnAsync(BuildId buildId, CancellationToken cancellationToken) =>
        MergedIds.TokenOf(buildId) is not null && await FindOwnAsync(buildId, cancellationToken).ConfigureAwait(false) is not null;

    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken)
    {
        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        var record = await state.Records.FindAsync(state.Tokens.OfKey(triggerKey), cancellationToken).ConfigureAwait(false);
        return record?.BuildId is { } id ? new BuildId(id) : null;
    }

    /// <summary>Records a build that the runner found by its key. No further trigger can do that, and without the id in its record the
    /// build could not land.</summary>
    public async Task<bool> NameAsync(string triggerKey, BuildId buildId, CancellationToken cancellationToken)
    {
        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        return await MergedUpdate.NameAsync(state, state.Tokens.OfKey(triggerKey), buildId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Finds the record of a build.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<MergedRecord?> FindRecordAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        var record = await state.Records.FindAsync(TokenOf(state, buildId), cancellationToken).ConfigureAwait(false);
        return record?.BuildId == buildId.Value && !record.IsAmbiguous ? record : null;
    }

    /// <summary>Finds the records of a build in this state directory and at the remote.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<(MergedRecord? Here, MergedRecord? There)> FindRecordsAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        var token = TokenOf(state, buildId);
        var here = await state.Records.FindHereAsync(token, cancellationToken).ConfigureAwait(false);
        var there = await state.Records.FindThereAsync(token, cancellationToken).ConfigureAwait(false);
        return (here?.BuildId == buildId.Value ? here : null, there?.BuildId == buildId.Value ? there : null);
    }

    /// <summary>Finds the record of a build whose id was never recorded because its trigger was interrupted, by the commit that the CI
    /// reports.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<MergedRecord?> SearchAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        if (MergedIds.TokenOf(buildId) is not null || inner.As<GitBuildRunner>() is not null)
        {
            return null;
        }

        var snapshot = await inner.StatusAsync(buildId, cancellationToken).ConfigureAwait(false);
        if (!snapshot.Metadata.TryGetValue(BuildMetadataKeys.Commit, out var commit))
        {
            return null;
        }

        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        var references = await state.Remote.ListBelowAsync([MergedTokens.Records], cancellationToken).ConfigureAwait(false);
        var records = await state.Records.ReadAllAsync(references, cancellationToken).ConfigureAwait(false);
        return records.Values.FirstOrDefault(record =>
            record.Scope == state.Tokens.Scope && record.BuildId is null && record.Commit == commit);
    }

    /// <summary>Gets the record of a build that exists only here.</summary>
    /// <exception cref="BuildNotFoundException">The build does not exist.</exception>
    public async Task<MergedRecord> FindOwnAsync(BuildId buildId, CancellationToken cancellationToken) =>
        await FindRecordAsync(buildId, cancellationToken).ConfigureAwait(false) is { Status: not null } own
            ? own
            : throw new BuildNotFoundException(buildId);

    private static string TokenOf(MergedState state, BuildId buildId) => MergedIds.TokenOf(buildId) ?? state.Tokens.OfBuild(buildId);

    private async Task<MergedRecord?> TryFindRecordAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        if (_without.TryGetValue(buildId, out var since) && timeProvider.GetElapsedTime(since) < Oblivion)
        {
            return null;
        }

        using var patience = new CancellationTokenSource(Patience, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            if (await FindRecordAsync(buildId, stop.Token).ConfigureAwait(false) is { } record)
            {
                _without.TryRemove(buildId, out _);
                return record;
            }
        }
        catch (Exception exception)
            when (exception is GitException or IOException or UnauthorizedAccessException or OperationCanceledException
                && !cancellationToken.IsCancellationRequested)
        {
            // The status is known; a later call may find the commit.
        }

        Forget();
        _without[buildId] = timeProvider.GetTimestamp();
        return null;
    }

    private void Forget()
    {
        foreach (var (buildId, since) in _without)
        {
            if (timeProvider.GetElapsedTime(since) >= Oblivion)
            {
                _without.TryRemove(buildId, out _);
            }
        }
    }
}
