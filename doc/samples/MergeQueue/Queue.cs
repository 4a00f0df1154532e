using System.Security.Cryptography;
using System.Text;
using BuildRunner;
using BuildRunner.Orchestration;

namespace MergeQueue;

/// <summary>
/// Lands branches in their order, each verified on all that are ahead of it, as if these had landed already. It remembers nothing: how things stand follows from the branch and from the builds, so that it can be killed at any time.
/// </summary>
internal sealed class Queue(IBuildOrchestrator builds, TargetBranch target, IReadOnlyList<Entry> entries, string owner, string runner, int attempts)
{
    /// <summary>Does what can be done now.</summary>
    /// <returns><see langword="true"/> if every branch has landed or was dropped.</returns>
    public async Task<bool> AdvanceAsync(CancellationToken cancellationToken)
    {
        var foundation = await target.FoundationAsync(cancellationToken);
        List<Entry> ahead = [];
        HashSet<string> needed = [];
        foreach (var entry in entries)
        {
            if (await target.HasAsync(entry.CommitId, cancellationToken))
            {
                entry.State = "landed";
                ahead.Add(entry);
                continue;
            }

            entry.On = string.Join(", ", ahead.Select(static other => other.Branch));
            var isNext = entries.TakeWhile(other => other != entry).All(static other => other.IsDecided);
            var build = await VerifyAsync(foundation, ahead, entry, needed, cancellationToken);
            if (build.Status == BuildStatus.Succeeded && isNext)
            {
                // Whoever was quicker has changed what it was verified on: the next round looks again.
                entry.State = await target.TryLandAsync(entry, cancellationToken) ? "landed" : "waiting";
            }
            else if (build.Status is BuildStatus.Failed or BuildStatus.Cancelled)
            {
                // What is ahead may be to blame, as long as it is not known to be good.
                entry.State = isNext ? "dropped" : "red";
            }
            else
            {
                entry.State = build.Status == BuildStatus.Succeeded ? "green" : build.Status == BuildStatus.Running ? "running" : "waiting";
            }

            if (build.Status is not (BuildStatus.Failed or BuildStatus.Cancelled))
            {
                ahead.Add(entry);
            }
        }

        await CancelOthersAsync(needed, cancellationToken);
        return entries.All(static entry => entry.IsDecided);
    }

    // The key says what is verified and on what, so that submitting it again, also after a restart, gives the same build.
    private async Task<Build> VerifyAsync(string foundation, List<Entry> ahead, Entry entry, HashSet<string> needed, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var what = string.Join('\n', [runner, foundation, .. ahead.Select(static other => other.CommitId), entry.CommitId]);
            BuildSubmission submission = new()
            {
                Key = $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what)))}/{attempt}",
                OwnerId = owner,
                Runner = runner,
                Request = new BuildRequest { Base = [.. ahead.Select(static other => other.Change)], Head = [entry.Change] },
            };
            needed.Add(submission.Key);
            var build = await builds.SubmitAsync(submission, cancellationToken);

            // Once more where it may have been chance; a conflict is none.
            if (build.Status != BuildStatus.Failed || attempt == attempts || build.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind) == BuildFailureKinds.Conflict)
            {
                return build;
            }
        }
    }

    // What is ahead has changed: nobody needs to know how these end.
    private async Task CancelOthersAsync(HashSet<string> needed, CancellationToken cancellationToken)
    {
        var page = await builds.ListAsync(new BuildQuery { OwnerId = owner, HasEnded = false, Limit = BuildQuery.MaxLimit }, cancellationToken);
        foreach (var build in page.Builds.Where(build => !needed.Contains(build.Key)))
        {
            await builds.CancelAsync(build.Id, cancellationToken);
        }
    }
}
