using System.Runtime.Versioning;
using BuildRunner.Git.Changes;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Moves the target to the commit of a build that continues it.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedLanding(
    Func<CancellationToken, Task<MergedState>> openAsync,
    MergedBuilds builds,
    MergedProof proof,
    MergedCleanUp cleanUp,
    MergedStepReached? reached)
{
    // How often the target or the head may change between reading and moving.
    private const int MaxAttempts = 5;

    public async Task<LandingResult> LandAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var (here, there) = await builds.FindRecordsAsync(buildId, cancellationToken).ConfigureAwait(false);
        if (there is { IsAmbiguous: true } || (here is not null && there is not null && !here.IsOfSame(there)))
        {
            return LandingResult.Refused(
                $"Two builds at the remote have the id '{buildId}', because the CI restarted its ids or two programs use it with the same "
                + "key; give the runner another key.");
        }

        var record = there
            ?? here
            ?? await builds.SearchAsync(buildId, cancellationToken).ConfigureAwait(false)
            ?? throw new BuildNotFoundException(buildId);
        if (record.Commit is not { } commit)
        {
            return LandingResult.Refused("The build has no commit, because its changes conflict.");
        }

        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        var complaint = "";
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            (var result, complaint) = await TryLandAsync(state, record, commit, cancellationToken).ConfigureAwait(false);
            if (result is not null)
            {
                if (result.Outcome == LandingOutcome.Landed)
                {
                    cleanUp.HasLanded(state, record);
                }

                return result;
            }
        }

        var message = $"Could not move the target '{state.Options.TargetBranch}' of the remote '{state.Remote.Address}'. {complaint}";
        throw new GitException(message.Trim()) { IsTransient = true };
    }

    public async Task<IReadOnlyDictionary<string, string>> ReadTipsAsync(IEnumerable<string> branches, CancellationToken cancellationToken)
    {
        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        var target = state.Options.TargetBranch;
        List<string> names = [.. branches.Append(target).Distinct(StringComparer.Ordinal)];
        var asked = names.Where(GitReference.IsBranchOrReference).Select(GitReference.Expand);
        var tips = await state.Remote.ListAsync(
            asked.Concat(state.Remote.TargetReferences).Distinct(), cancellationToken).ConfigureAwait(false);
        var tip = state.Remote.TargetOf(tips);
        if (await FindObstacleAsync(state, cancellationToken).ConfigureAwait(false) is { } obstacle)
        {
            throw new GitException(obstacle);
        }

        Dictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (var name in names.Where(GitReference.IsBranchOrReference))
        {
            if (tips.TryGetValue(GitReference.Expand(name), out var commitId))
            {
                found[name] = commitId;
            }
        }

        found[target] = tip;
        return found;
    }

    public async Task<bool> IsInHistoryAsync(string tip, string commitId, CancellationToken cancellationToken)
    {
        var state = await openAsync(cancellationToken).ConfigureAwait(false);
        await state.FetchTipAsync(tip, cancellationToken).ConfigureAwait(false);
        return await state.IsInHistoryAsync(tip, commitId, cancellationToken).ConfigureAwait(false);
    }

    private static string? FindMovedHead(MergedState state, MergedRecord record, IReadOnlyDictionary<string, string> tips)
    {
        // If a stacked change names a reference several times, the last commit is where the reference is.
        foreach (var head in record.Head.GroupBy(static change => change.Reference).Select(static changes => changes.Last()))
        {
            var tip = tips.GetValueOrDefault(head.Reference);
            if (tip != head.CommitId)
            {
                var place = tip is null ? "is gone from" : $"is at {tip} at";
                return $"'{head.Reference}' {place} the remote '{state.Remote.Address}', but {head.CommitId} was built.";
            }
        }

        return null;
    }

    // Everything was merged onto the target, along first parents. The commits in between are the merges of the request's first changes.
    private static async Task<bool> ContinuesAsync(
        MergedState state, MergedRecord record, string commit, string tip, CancellationToken cancellationToken)
    {
        if (tip == record.Target)
        {
            return true;
        }

        string[] arguments = ["rev-list", "--first-parent", commit, "^" + record.Target];
        var chain = await state.OpenGit().RunOrThrowAsync(arguments, cancellationToken).ConfigureAwait(false);
        return chain.Text.Split('\n').Contains(tip);
    }

    private static async Task<string?> FindObstacleAsync(MergedState state, CancellationToken cancellationToken)
    {
        var target = GitReference.Expand(state.Options.TargetBranch);
        if (await state.Remote.FindStandInAsync(target, cancellationToken).ConfigureAwait(false) is { } other)
        {
            return $"The target '{state.Options.TargetBranch}' is a symbolic reference to '{other}'; set that as the target.";
        }

        var local = LocalRemote.Find(state.Remote.Address);
        return local is not null && await local.FindCheckOutAsync(target, cancellationToken).ConfigureAwait(false) is { } directory
            ? $"The target '{state.Options.TargetBranch}' is checked out in '{directory}', and the files there would become outdated; "
                + "check out something else there, for example with 'git switch --detach'."
            : null;
    }

    /// <returns>The result, or no result and the error of git if a reference has changed meanwhile.</returns>
    private async Task<(LandingResult? Result, string Complaint)> TryLandAsync(
        MergedState state,
        MergedRecord record,
        string commit,
        CancellationToken cancellationToken)
    {
        var asked = record.Head.Select(static change => change.Reference).Concat(state.Remote.TargetReferences).Distinct();
        var tips = await state.Remote.ListAsync(asked, cancellationToken).ConfigureAwait(false);
        var tip = state.Remote.TargetOf(tips);
        await state.FetchTipAsync(tip, cancellationToken).ConfigureAwait(false);
        if (await state.IsInHistoryAsync(tip, commit, cancellationToken).ConfigureAwait(false))
        {
            return (LandingResult.Landed(commit), "");
        }

        if (FindMovedHead(state, record, tips) is { } moved)
        {
            return (LandingResult.HeadMoved(moved), "");
        }

        if (await FindObstacleAsync(state, cancellationToken).ConfigureAwait(false) is { } obstacle)
        {
            return (LandingResult.Blocked(obstacle), "");
        }

        if (await proof.FindFaultAsync(state, record, cancellationToken).ConfigureAwait(false) is { } fault)
        {
            return (LandingResult.Refused(fault), "");
        }

        if (!await ContinuesAsync(state, record, commit, tip, cancellationToken).ConfigureAwait(false))
        {
            var reason = $"The target '{state.Options.TargetBranch}' is at {tip}, which the build does not continue.";
            return (LandingResult.Moved(tip, reason), "");
        }

        reached?.Invoke(MergedStep.Compared);
        var heads = record.Head.Select(static change => change.Reference).Distinct();
        List<PushedReference> references = [.. heads.Select(name => new PushedReference(name, tips[name], tips[name]))];
        references.Add(new PushedReference(GitReference.Expand(state.Options.TargetBranch), tip, commit));
        var (result, complaint) = await MoveAsync(state, references, commit, cancellationToken).ConfigureAwait(false);
        if (result is { Outcome: LandingOutcome.Landed })
        {
            reached?.Invoke(MergedStep.Moved);
        }

        return (result, complaint);
    }

    private static async Task<(LandingResult? Result, string Complaint)> MoveAsync(
        MergedState state,
        List<PushedReference> references,
        string commit,
        CancellationToken cancellationToken)
    {
        if (LocalRemote.Find(state.Remote.Address) is { } local)
        {
            var (isDone, error) = await local.MoveAsync(references, cancellationToken).ConfigureAwait(false);
            return (isDone ? LandingResult.Landed(commit) : null, error);
        }

        return await state.Remote.PushAsync(references, [], cancellationToken).ConfigureAwait(false) switch
        {
            PushResult.Done => (LandingResult.Landed(commit), ""),
            PushResult.Refused refused => (LandingResult.Blocked($"The remote '{state.Remote.Address}' refused. {refused.Reason}"), ""),
            _ => (null, ""),
        };
    }
}
