using System.Runtime.Versioning;
using BuildRunner.Git.Changes;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Merged;

/// <summary>Moves the target to what was built, if that continues what the target is.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MergedLanding(Func<CancellationToken, Task<MergedState>> openAsync, MergedBuilds builds, MergedProof proof, MergedCleanUp cleanUp, MergedStepReached? reached)
{
    // How often the target or the head may change between the look and the move.
    private const int MaxAttempts = 5;

    public async Task<LandingResult> LandAsync(BuildId buildId, CancellationToken cancellationToken)
    {
        var (here, there) = await builds.FindRecordsAsync(buildId, cancellationToken).ConfigureAwait(false);
        if (there is { IsAmbiguous: true } || (here is not null && there is not null && !here.IsOfSame(there)))
        {
            return LandingResult.Refused($"The id '{buildId}' is that of two builds at the remote, because the CI counts anew or two programs with the same key build on it; give the runner another key.");
        }

        var record = there ?? here ?? await builds.SearchAsync(buildId, cancellationToken).ConfigureAwait(false) ?? throw new BuildNotFoundException(buildId);
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

        throw new GitException($"The target '{state.Options.TargetBranch}' of the remote '{state.Remote.Address}' could not be moved. {complaint}".Trim()) { IsTransient = true };
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
        // Of a stacked change that names one reference several times, the last is what the reference is at.
        foreach (var head in record.Head.GroupBy(static change => change.Reference).Select(static changes => changes.Last()))
        {
            var tip = tips.GetValueOrDefault(head.Reference);
            if (tip != head.CommitId)
            {
                return $"'{head.Reference}' {(tip is null ? "is gone from" : $"is at {tip} at")} the remote '{state.Remote.Address}', and {head.CommitId} was built.";
            }
        }

        return null;
    }

    // Everything is merged onto the target as it was, one first parent after the other. What lies between is what the first changes of the request alone are merged to.
    private static async Task<bool> ContinuesAsync(
        MergedState state, MergedRecord record, string commit, string tip, CancellationToken cancellationToken)
    {
        if (tip == record.Target)
        {
            return true;
        }

        var chain = await state.OpenGit().RunOrThrowAsync(["rev-list", "--first-parent", commit, "^" + record.Target], cancellationToken).ConfigureAwait(false);
        return chain.Text.Split('\n').Contains(tip);
    }

    private static async Task<string?> FindObstacleAsync(MergedState state, CancellationToken cancellationToken)
    {
        var target = GitReference.Expand(state.Options.TargetBranch);
        if (await state.Remote.FindStandInAsync(target, cancellationToken).ConfigureAwait(false) is { } other)
        {
            return $"The target '{state.Options.TargetBranch}' stands for '{other}'; name that as the target.";
        }

        var local = LocalRemote.Find(state.Remote.Address);
        return local is not null && await local.FindCheckOutAsync(target, cancellationToken).ConfigureAwait(false) is { } directory
            ? $"The target '{state.Options.TargetBranch}' is checked out in '{directory}', whose files would not follow; check out something else there, as with 'git switch --detach'."
            : null;
    }

    /// <returns>What has come of it; or no result, where something has changed in between, and what git says of that.</returns>
    private async Task<(
        LandingResult? Result, string Complaint)> TryLandAsync(MergedState state, MergedRecord record, string commit, CancellationToken cancellationToken)
    {
        var tips = await state.Remote.ListAsync(
            record.Head.Select(static change => change.Reference).Concat(state.Remote.TargetReferences).Distinct(), cancellationToken).ConfigureAwait(false);
        var tip = state.Remote.TargetOf(tips);
        await state.FetchTipAsync(tip, cancellationToken).ConfigureAwait(false);
        if (await state.IsInHistoryAsync(tip, commit, cancellationToken).ConfigureAwait(false))
        {
            return (LandingResult.Landed(commit), "");
        }

        if (FindMovedHead(state, record, tips) is { } moved)
        {
            return (LandingResult.Refused(moved), "");
        }

        if (await FindObstacleAsync(state, cancellationToken).ConfigureAwait(false) is { } obstacle)
        {
            return (LandingResult.Refused(obstacle), "");
        }

        if (await proof.FindFaultAsync(state, record, cancellationToken).ConfigureAwait(false) is { } fault)
        {
            return (LandingResult.Refused(fault), "");
        }

        if (!await ContinuesAsync(state, record, commit, tip, cancellationToken).ConfigureAwait(false))
        {
            return (LandingResult.Moved(tip), "");
        }

        reached?.Invoke(MergedStep.Compared);
        List<PushedReference> references = [.. record.Head.Select(static change => change.Reference).Distinct().Select(name => new PushedReference(name, tips[name], tips[name]))];
        references.Add(new PushedReference(GitReference.Expand(state.Options.TargetBranch), tip, commit));
        var (result, complaint) = await MoveAsync(state, references, commit, cancellationToken).ConfigureAwait(false);
        if (result is { Outcome: LandingOutcome.Landed })
        {
            reached?.Invoke(MergedStep.Moved);
        }

        return (result, complaint);
    }

    private static async Task<(
        LandingResult? Result, string Complaint)> MoveAsync(MergedState state, List<PushedReference> references, string commit, CancellationToken cancellationToken)
    {
        if (LocalRemote.Find(state.Remote.Address) is { } local)
        {
            var (isDone, error) = await local.MoveAsync(references, cancellationToken).ConfigureAwait(false);
            return (isDone ? LandingResult.Landed(commit) : null, error);
        }

        return await state.Remote.PushAsync(references, [], cancellationToken).ConfigureAwait(false) switch
        {
            PushResult.Done => (LandingResult.Landed(commit), ""),
            PushResult.Refused refused => (LandingResult.Refused($"The remote '{state.Remote.Address}' refuses it. {refused.Reason}"), ""),
            _ => (null, ""),
        };
    }
}
