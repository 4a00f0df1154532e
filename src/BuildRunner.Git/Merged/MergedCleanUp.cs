using System.Collections.Concurrent;
using System.Runtime.Versioning;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Does what the end of a build asks for: deletes the reference of one that has no success, and remembers the files of one that has.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedCleanUp(IBuildRunner inner, BackgroundTasks background, TimeProvider timeProvider)
{
    // A build that somebody starts again by hand at once still needs its reference.
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _seen = new(StringComparer.Ordinal);

    /// <summary>Says that a build was seen to have ended.</summary>
    public void HasEnded(MergedState state, MergedRecord record, BuildStatus status)
    {
        if ((status == BuildStatus.Succeeded && state.Options.ReuseFor is null) || !_seen.TryAdd(record.BuildId!, timeProvider.GetTimestamp()))
        {
            return;
        }

        background.Tidy(async cancellationToken =>
        {
            try
            {
                await (
                    status == BuildStatus.Succeeded ? RememberAsync(state, record, cancellationToken) : SettleAsync(state, record, cancellationToken)).ConfigureAwait(false);
            }
            catch
            {
                _seen.TryRemove(record.BuildId!, out _);
                throw;
            }
        });
    }

    /// <summary>Deletes the reference of a build whose commit has landed.</summary>
    public void HasLanded(MergedState state, MergedRecord record)
    {
        if (record.Reference is not null)
        {
            background.Tidy(cancellationToken => DeleteAsync(state, record, cancellationToken));
        }
    }

    /// <summary>Forgets which builds have ended longer ago than their records are kept.</summary>
    public void Forget(TimeSpan retention)
    {
        foreach (var (buildId, _) in _seen.Where(seen => timeProvider.GetElapsedTime(seen.Value) > retention))
        {
            _seen.TryRemove(buildId, out _);
        }
    }

    private async Task SettleAsync(MergedState state, MergedRecord record, CancellationToken cancellationToken)
    {
        await Task.Delay(Settling, timeProvider, cancellationToken).ConfigureAwait(false);
        var snapshot = await inner.StatusAsync(new BuildId(record.BuildId!), cancellationToken).ConfigureAwait(false);
        if (snapshot.Status is BuildStatus.Failed or BuildStatus.Cancelled)
        {
            await DeleteAsync(state, record, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _seen.TryRemove(record.BuildId!, out _);
        }
    }

    // Not if it is gone, or somebody has moved it.
    private static Task<bool> DeleteAsync(MergedState state, MergedRecord record, CancellationToken cancellationToken) =>
        state.TryPushAsync([new PushedReference(record.Reference!, record.Commit, Wanted: null)], cancellationToken);

    private async Task RememberAsync(MergedState state, MergedRecord record, CancellationToken cancellationToken)
    {
        // Not of what is known here alone: the id may have become that of another build.
        if (await state.Records.FindThereAsync(state.Tokens.OfBuild(new BuildId(record.BuildId!)), cancellationToken).ConfigureAwait(false) is not { IsAmbiguous: false } there || !there.IsOfSame(record))
        {
            return;
        }

        var headers = await CommitHeader.ReadAsync(state.OpenGit(), [record.Commit!], cancellationToken).ConfigureAwait(false);
        var token = state.Tokens.OfTree(headers[record.Commit!].Tree);
        var successId = await state.Records.WriteAsync(
            record with { CreatedAt = timeProvider.GetUtcNow(), Reference = null }, cancellationToken).ConfigureAwait(false);
        var reference = MergedTokens.RecordOf(token);
        var found = await state.Remote.ListAsync([reference], cancellationToken).ConfigureAwait(false);
        await state.TryPushAsync(
            [new PushedReference(reference, found.GetValueOrDefault(reference), successId)], cancellationToken).ConfigureAwait(false);
    }
}
