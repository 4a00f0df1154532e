using System.Runtime.Versioning;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Says whether a record can be true. It is read from references that others may be able to write, so what it says is made again, and the CI is asked.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedProof(IBuildRunner inner)
{
    // It merges onto the target itself, so the commit that it tells is another one.
    private readonly bool _mergesItself = inner.As<GitBuildRunner>() is not null;

    /// <summary>Finds what is wrong with a record that has a commit.</summary>
    /// <returns>A sentence, or <see langword="null"/>.</returns>
    /// <exception cref="GitException">It cannot be told.</exception>
    public async Task<string?> FindFaultAsync(MergedState state, MergedRecord record, CancellationToken cancellationToken)
    {
        var commit = record.Commit!;
        if (await MergeAsync(state, record, cancellationToken).ConfigureAwait(false) is not { } merged || merged.CommitId != commit)
        {
            return $"The record of the build names {commit}, which is not what its changes are merged to; somebody else has written it.";
        }

        return record.Status == BuildStatus.Succeeded
            ? await FindFaultOfReuseAsync(state, record, merged.Tree, cancellationToken).ConfigureAwait(false)
            : record is { Status: null, BuildId: { } id } ? await FindFaultOfBuildAsync(id, commit, mustHaveSucceeded: false, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Determines whether the CI has built files with success that a record says so of.</summary>
    public async Task<bool> HasSucceededAsync(MergedState state, string buildId, string tree, CancellationToken cancellationToken)
    {
        var record = await state.Records.FindThereAsync(state.Tokens.OfBuild(new BuildId(buildId)), cancellationToken).ConfigureAwait(false);
        if (record is not { IsAmbiguous: false, Status: null, Commit: { } commit } || record.BuildId != buildId
            || await MergeAsync(state, record, cancellationToken).ConfigureAwait(false) is not { } merged || (merged.CommitId, merged.Tree) != (commit, tree))
        {
            return false;
        }

        return await FindFaultOfBuildAsync(buildId, commit, mustHaveSucceeded: true, cancellationToken).ConfigureAwait(false) is null;
    }

    private static async Task<MergedCommit?> MergeAsync(MergedState state, MergedRecord record, CancellationToken cancellationToken)
    {
        var name = MergedTokens.New();
        try
        {
            await state.FetchAsync(record.Target, record.Changes, name, cancellationToken).ConfigureAwait(false);
            return (await state.MergeAsync(record.Target, record.Changes, cancellationToken).ConfigureAwait(false) as ApplyResult.Applied)?.Head;
        }
        finally
        {
            state.Repository.ForgetFetched(name);
        }
    }

    private async Task<string?> FindFaultOfReuseAsync(MergedState state, MergedRecord record, string tree, CancellationToken cancellationToken) =>
        record.Metadata!.TryGetValue(BuildMetadataKeys.ReusedFrom, out var earlier)
        && await HasSucceededAsync(state, earlier, tree, cancellationToken).ConfigureAwait(false)
            ? null
            : "The build reuses a success of which nothing is known any more; build it under a new key.";

    private async Task<string?> FindFaultOfBuildAsync(string buildId, string commit, bool mustHaveSucceeded, CancellationToken cancellationToken)
    {
        BuildSnapshot snapshot;
        try
        {
            snapshot = await inner.StatusAsync(new BuildId(buildId), cancellationToken).ConfigureAwait(false);
        }
        catch (BuildNotFoundException)
        {
            return "The CI does not know the build any more.";
        }

        return mustHaveSucceeded && snapshot.Status != BuildStatus.Succeeded ? "The CI has not built it with success."
            : !_mergesItself && snapshot.Metadata.TryGetValue(BuildMetadataKeys.Commit, out var built) && !string.Equals(built, commit, StringComparison.OrdinalIgnoreCase)
                ? $"The record of the build names {commit}, and the CI has built {built}."
                : null;
    }
}
