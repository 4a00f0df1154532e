using System.Collections.Concurrent;
using System.Runtime.Versioning;
using System.Text;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Tells of builds: what their records say, and of those that a CI knows what the CI says.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedBuilds(IBuildRunner inner, Func<CancellationToken, Task<MergedState>> openAsync, MergedCleanUp cleanUp, TimeProvider timeProvider)
{
    /// <summary>The reference that a commit was pushed under, in the metadata of its build.</summary>
    public const string ReferenceKey = "ref";

    // How long a status waits to learn the commit, which it can do without.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // How long a build that has no record is not asked for again.
    private static readonly TimeSpan Oblivion = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<BuildId, long> _without = new();

    /// <summary>Adds to what the CI says of a build which commit that is of.</summary>
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

        return snapshot with { Metadata = snapshot.Metadata.SetItems([new(BuildMetadataKeys.Commit, record.Commit!), new(ReferenceKey, record.Reference!)]) };
    }

    public async Task<Stream?> FindLogAsync(BuildId buildId, CancellationToken cancellationToken) => MergedIds.TokenOf(buildId) is null
        ? null
        : new MemoryStream(Encoding.UTF8.GetBytes($"buildrunner: {(await FindOwnAsync(buildId, cancellationToken).ConfigureAwait(false)).Note}\n"), writable: false);

    /// <exception cref="BuildNotFoundException">It has the form of one, and there is none.</exception>
    public async Task<bool> IsOwnAsync(BuildId buildId, CancellationToken cancellationToken) =>
        MergedIds.TokenOf(buildId) is not null && await FindOwnAsync(buildId, cancellationToken).ConfigureAwait(false) is not null;

    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken)
    {
        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        var record = await state.Records.FindAsync(state.Tokens.OfKey(triggerKey), cancellationToken).ConfigureAwait(false);
        return record?.BuildId is { } id ? new BuildId(id) : null;
    }

    /// <summary>Writes which build the runner has found by a key. Nobody may trigger with the key again, and without its name in the record the build could not land.</summary>
    public async Task<bool> NameAsync(string triggerKey, BuildId buildId, CancellationToken cancellationToken)
    {
        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        return await MergedUpdate.NameAsync(state, state.Tokens.OfKey(triggerKey), buildId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gets the record of a build, or <see langword="null"/>.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<MergedRecord?> FindRecordAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        var record = await state.Records.FindAsync(TokenOf(state, buildId), cancellationToken).ConfigureAwait(false);
        return record?.BuildId == buildId.Value && !record.IsAmbiguous ? record : null;
    }

    /// <summary>Gets the record of a build that is kept here, and that at the remote.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<(MergedRecord? Here, MergedRecord? There)> FindRecordsAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        var token = TokenOf(state, buildId);
        var here = await state.Records.FindHereAsync(token, cancellationToken).ConfigureAwait(false);
        var there = await state.Records.FindThereAsync(token, cancellationToken).ConfigureAwait(false);
        return (here?.BuildId == buildId.Value ? here : null, there?.BuildId == buildId.Value ? there : null);
    }

    /// <summary>Looks for a record that does not name its build, because whoever has triggered that was stopped before: by the commit, where the CI tells one.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<MergedRecord?> SearchAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        if (MergedIds.TokenOf(buildId) is not null || inner.As<GitBuildRunner>() is not null
            || !(await inner.StatusAsync(buildId, cancellationToken).ConfigureAwait(false)).Metadata.TryGetValue(BuildMetadataKeys.Commit, out var commit))
        {
            return null;
        }

        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        var references = await state.Remote.ListBelowAsync([MergedTokens.Records], cancellationToken).ConfigureAwait(false);
        var records = await state.Records.ReadAllAsync(references, cancellationToken).ConfigureAwait(false);
        return records.Values.FirstOrDefault(record => record.Scope == state.Tokens.Scope && record.BuildId is null && record.Commit == commit);
    }

    /// <summary>Gets the record of a build that no CI knows.</summary>
    /// <exception cref="BuildNotFoundException">There is none.</exception>
    public async Task<MergedRecord> FindOwnAsync(BuildId buildId, CancellationToken cancellationToken) =>
        await FindRecordAsync(buildId, cancellationToken).ConfigureAwait(false) is { Status: not null } own ? own : throw new BuildNotFoundException(buildId);

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
        catch (Exception exception) when (exception is GitException or IOException or UnauthorizedAccessException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // How the build stands is known; the commit may be the next time.
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
