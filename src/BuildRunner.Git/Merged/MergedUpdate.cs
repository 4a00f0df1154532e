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
        var byBuild = MergedTokens.RecordOf(state.Tokens.OfBuild(new BuildId(record.BuildId!)));
        if (await TryAsync(known: null).ConfigureAwait(false))
        {
            return true;
        }

        // A CI that has begun to count anew gives the ids of earlier builds.
        var found = await state.Remote.ListAsync([byBuild], cancellationToken).ConfigureAwait(false);
        return found.TryGetValue(byBuild, out var known) && await TryAsync(known).ConfigureAwait(false);

        Task<bool> TryAsync(string? known) =>
            state.TryPushAsync([new PushedReference(MergedTokens.RecordOf(token), from, to), new PushedReference(byBuild, known, to)], cancellationToken);
    }
}
