using System.Runtime.Versioning;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Verifies records. Others may be able to write the references that hold them, so the merge is repeated and the CI is
/// asked.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedProof(IBuildRunner inner)
{
    /// <summary>Finds what is wrong with a record that has a commit.</summary>
    /// <returns>A sentence, or <see langword="null"/> if nothing is wrong.</returns>
    /// <exception cref="GitException">The record could not be verified.</exception>
    public async Task<string?> FindFaultAsync(MergedState state, MergedRecord record, CancellationToken cancellationToken)
    {
        var commit = record.Commit!;
        if (await MergeAsync(state, record, cancellationToken).ConfigureAwait(false) is not { } merged || merged.CommitId != commit)
        {
            return $"The record of the build names {commit}, but its changes merge to another commit; somebody else wrote the record.";
        }

        if (record.Status == BuildStatus.Succeeded)
        {
            return await FindFaultOfReuseAsync(state, record, merged.Tree, cancellationToken).ConfigureAwait(false);
        }

        return record is { Status: null, BuildId: { } id }
            ? await FindFaultOfBuildAsync(id, commit, mustHaveSucceeded: false, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Determines whether the CI built a tree successfully in a build.</summary>
    public async Task<bool> HasSucceededAsync(MergedState state, string buildId, string tree, CancellationToken cancellationToken)
    {
        var token = state.Tokens.OfBuild(new BuildId(buildId));
        var record = await state.Records.FindThereAsync(token, cancellationToken).ConfigureAwait(false);
        if (record is not { IsAmbiguous: false, Status: null, Commit: { } commit }
            || record.BuildId != buildId
            || await MergeAsync(state, record, cancellationToken).ConfigureAwait(false) is not { } merged
            || (merged.CommitId, merged.Tree) != (commit, tree))
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
            var result = await state.MergeAsync(record.Target, record.Changes, cancellationToken).ConfigureAwait(false);
            return (result as ApplyResult.Applied)?.Head;
        }
        finally
        {
            state.Repository.ForgetFetched(name);
        }
    }

    private async Task<string?> FindFaultOfReuseAsync(
        MergedState state,
        MergedRecord record,
        string tree,
        CancellationToken cancellationToken) =>
        record.Metadata!.TryGetValue(BuildMetadataKeys.ReusedFrom, out var earlier)
        && await HasSucceededAsync(state, earlier, tree, cancellationToken).ConfigureAwait(false)
            ? null
            : "The build reuses a success that no longer exists; build it with a new key.";

    private async Task<string?> FindFaultOfBuildAsync(
        string buildId,
        string commit,
        bool mustHaveSucceeded,
        CancellationToken cancellationToken)
    {
        BuildSnapshot snapshot;
        try
        {
            snapshot = await inner.StatusAsync(new BuildId(buildId), cancellationToken).ConfigureAwait(false);
        }
        catch (BuildNotFoundException)
        {
            return "The CI no longer knows the build.";
        }

        if (mustHaveSucceeded && snapshot.Status != BuildStatus.Succeeded)
        {
            return "The CI has not built it successfully.";
        }

        return snapshot.Metadata.TryGetValue(BuildMetadataKeys.Commit, out var built)
            && !string.Equals(built, commit, StringComparison.OrdinalIgnoreCase)
                ? $"The record of the build names {commit}, but the CI built {built}."
                : null;
    }
}
