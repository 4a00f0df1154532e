using System.Runtime.Versioning;
using BuildRunner.Git.Remotes;

namespace BuildRunner.Git.Merged;

/// <summary>Writes to the remote which build has come of a trigger.</summary>
[SupportedOSPlatform("linux")]
internal static class MergedUpdate
{
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
