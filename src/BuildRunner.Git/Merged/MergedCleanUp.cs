using System.Collections.Concurrent;
using System.Runtime.Versioning;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Cleans up after builds: deletes the reference of one that failed, and remembers the files of one that succeeded.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedCleanUp(IBuildRunner inner, BackgroundTasks background, TimeProvider timeProvider)
{
    // A build that somebody restarts by hand right away still needs its reference.
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, long> _seen = new(StringComparer.Ordinal);

    /// <summary>Reports that a build has ended.</summary>
    public void HasEnded(MergedState state, MergedRecord record, BuildStatus status)
    {
        var isIgnored = status == BuildStatus.Succeeded && state.Options.ReuseFor is null;
        if (isIgnored || !_seen.TryAdd(record.BuildId!, timeProvider.GetTimestamp()))
        {
            return;
        }

        background.Tidy(async cancellationToken =>
        {
            try
            {
                var work = status == BuildStatus.Succeeded
                    ? RememberAsync(state, record, cancellationToken)
                    : SettleAsync(state, record, cancellationToken);
                await work.ConfigureAwait(false);
            }
            catch
            {
                _seen.TryRemove(record.BuildId!, out _);
                throw;
            }
        });
    }

    /// <summary>Reports that the commit of a build has landed, and deletes its reference.</summary>
    public void HasLanded(MergedState state, MergedRecord record)
    {
        if (record.Reference is not null)
        {
            background.Tidy(cancellationToken => DeleteAsync(state, record, cancellationToken));
        }
    }

    /// <summary>Forgets the builds that ended longer ago than the retention.</summary>
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

    // Unless it is gone or somebody has moved it.
    private static Task<bool> DeleteAsync(MergedState state, MergedRecord record, CancellationToken cancellationToken) =>
        state.TryPushAsync([new PushedReference(record.Reference!, record.Commit, Wanted: null)], cancellationToken);

    private async Task RememberAsync(MergedState state, MergedRecord record, CancellationToken cancellationToken)
    {
        // Only if the remote agrees: the id may belong to another build by now.
        var byBuild = state.Tokens.OfBuild(new BuildId(record.BuildId!));
        var there = await state.Records.FindThereAsync(byBuild, cancellationToken).ConfigureAwait(false);
        if (there is not { IsAmbiguous: false } || !there.IsOfSame(record))
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
