using System.Runtime.Versioning;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Records the build of a trigger at the remote.</summary>
[SupportedOSPlatform("linux")]
internal static class MergedUpdate
{
    /// <summary>Records the build of a trigger.</summary>
    /// <exception cref="GitException">It could not be recorded here, or only not at the remote, in which case the next sweep
    /// retries.</exception>
    public static async Task NameAsync(
        MergedState state, string token, string from, MergedRecord record, BuildId buildId, CancellationToken cancellationToken)
    {
        var named = record with { BuildId = buildId.Value };
        var to = await state.Records.WriteAsync(named, cancellationToken).ConfigureAwait(false);

        // Kept here first: this host knows the build even if the push fails, and its sweep repeats the push.
        state.Records.Keep(token, to, named);
        state.Records.Keep(state.Tokens.OfBuild(buildId), to, named);
        await PushAsync(state, token, from, named, to, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Records the build of a trigger that could not do so, because it was not answered or was killed.</summary>
    /// <returns><see langword="true"/> if there was such a trigger; otherwise, <see langword="false"/>.</returns>
    /// <exception cref="GitException">The remote cannot be read, or the build could not be recorded.</exception>
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

    /// <summary>Replaces a record by one that names the build, and adds it under the id of the build.</summary>
    /// <returns><see langword="false"/> if another process was faster; otherwise, <see langword="true"/>.</returns>
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

        // A CI that restarts its ids reuses those of earlier builds, and so does another CI with the same key. The id is ambiguous from
        // then on.
        var earlier = await state.Records.ReadAsync(byBuild, known, cancellationToken).ConfigureAwait(false);
        var wanted = earlier is { IsAmbiguous: false } && earlier.IsOfSame(record)
            ? to
            : await state.Records.WriteAsync(record with { IsAmbiguous = true }, cancellationToken).ConfigureAwait(false);
        return await TryAsync(known, wanted).ConfigureAwait(false);

        Task<bool> TryAsync(string? known, string wanted) => state.TryPushAsync(
            [new PushedReference(MergedTokens.RecordOf(token), from, to), new PushedReference(reference, known, wanted)],
            cancellationToken);
    }
}
