using System.Runtime.Versioning;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Writes to the remote which build has come of a trigger.</summary>
[SupportedOSPlatform("linux")]
internal static class MergedUpdate
{
    /// <summary>Writes which build has come of a trigger.</summary>
    /// <exception cref="GitException">
    /// It could not be written here, or not at the remote. Where it is written here, the next sweep tries the remote again.
    /// </exception>
    public static async Task NameAsync(
        MergedState state, string token, string from, MergedRecord record, BuildId buildId, CancellationToken cancellationToken)
    {
        var named = record with { BuildId = buildId.Value };
        var to = await state.Records.WriteAsync(named, cancellationToken).ConfigureAwait(false);

        // Kept here first: this host knows the build whatever becomes of the push, and its sweep repeats that.
        state.Records.Keep(token, to, named);
        state.Records.Keep(state.Tokens.OfBuild(buildId), to, named);
        await PushAsync(state, token, from, named, to, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes which build has come of a trigger that has not come to write it, because it had no answer or was killed.</summary>
    /// <exception cref="GitException">The remote cannot be read, or as above.</exception>
    /// <returns>Whether there was such a record.</returns>
    public static async Task<bool> NameAsync(MergedState state, string token, BuildId buildId, CancellationToken cancellationToken)
    {
        var reference = MergedTokens.RecordOf(token);
        var found = await state.Remote.ListAsync([reference], cancellationToken).ConfigureAwait(false);
        if (!found.TryGetValue(reference, out var recordId)
            || await state.Records.ReadAsync(token, recordId, cancellationToken).ConfigureAwait(false) is not { BuildId: null } record)
        {
            return false;
        }

        await NameAsync(state, token, recordId, record, buildId, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Replaces a record by one that names the build, and makes it known under the id of the build as well.</summary>
    /// <returns>Whether that is done. It is not where somebody else was faster.</returns>
    public static async Task<bool> PushAsync(
        MergedState state, string token, string from, MergedRecord record, string to, CancellationToken cancellationToken)
    {
        var byBuild = state.Tokens.OfBuild(new BuildId(record.BuildId!));
        var reference = MergedTokens.RecordOf(byBuild);
        if (await TryAsync(known: null, to).ConfigureAwait(false))
        {
            return true;
        }

        var found = await state.Remote.ListAsync([reference], cancellationToken).ConfigureAwait(false);
        if (!found.TryGetValue(reference, out var known))
        {
            return false;
        }

        // A CI that has begun to count anew gives the ids of earlier builds, and so does another CI of the same name. Which one is meant by the id is not known from there on.
        var earlier = await state.Records.ReadAsync(byBuild, known, cancellationToken).ConfigureAwait(false);
        return await TryAsync(known, earlier is { IsAmbiguous: false } && earlier.IsOfSame(record)
            ? to
            : await state.Records.WriteAsync(record with { IsAmbiguous = true }, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);

        Task<bool> TryAsync(string? known, string wanted) =>
            state.TryPushAsync([new PushedReference(MergedTokens.RecordOf(token), from, to), new PushedReference(reference, known, wanted)], cancellationToken);
    }
}
