using BuildRunner;
using BuildRunner.Git;
using BuildRunner.Orchestration;

namespace MergeQueue;

/// <summary>
/// Lands branches in their order, each verified on all that are ahead of it, as if these had landed already. What is verified is the very commit that lands. How things stand follows from the branches and the builds, so that it can be killed at any time.
/// </summary>
internal sealed class Queue(IBuildOrchestrator builds, TargetBranch target, IReadOnlyList<Entry> entries, string runner, int attempts)
{
    /// <summary>The repository that the changes name.</summary>
    public const string Repository = "merge-queue";

    // How many builds of a commit may fail without its fault.
    private const int MaxFaults = 3;

    // The builds that had not ended when they were first seen: the faults of earlier runs may be mended by now.
    private readonly HashSet<string> _followed = [];

    /// <summary>Does what can be done now.</summary>
    /// <returns><see langword="true"/> if every branch is decided.</returns>
    public async Task<bool> AdvanceAsync(CancellationToken cancellationToken)
    {
        // Read once. What somebody else puts on the branch after that, this round does not land on.
        var tip = await target.TipAsync(cancellationToken);
        var onto = tip;
        List<string> ahead = [];
        HashSet<string> needed = [];
        foreach (var entry in entries.Where(static entry => entry.State is not (State.Dropped or State.Unverified)))
        {
            if (entry.State == State.Landed || await target.HasAsync(tip, entry.CommitId, cancellationToken))
            {
                entry.State = State.Landed;
                ahead.Add(entry.Branch);
                continue;
            }

            entry.On = string.Join(", ", ahead);
            var merge = await target.MergeAsync(onto, entry, cancellationToken);
            var verdict = merge is null ? State.Red : await VerifyAsync(entry, onto, merge, needed, cancellationToken);

            // What is ahead may be to blame, as long as it has not landed.
            entry.State = (verdict, IsNext: onto == tip) switch
            {
                (State.Green, true) => await target.TryMoveAsync(tip, merge!, cancellationToken) ? State.Landed : State.Waiting,
                (State.Red, true) => State.Dropped,
                (State.Unverified, false) => State.Waiting,
                _ => verdict,
            };
            if (verdict is not (State.Red or State.Unverified))
            {
                ahead.Add(entry.Branch);
                onto = merge!;
                tip = entry.State == State.Landed ? onto : tip;
            }
        }

        await CancelOthersAsync(needed, cancellationToken);
        return entries.All(static entry => entry.IsDecided);
    }

    // The key says what is verified and on what, so that submitting it again, also after a restart, gives the same build.
    private async Task<State> VerifyAsync(Entry entry, string onto, string merge, HashSet<string> needed, CancellationToken cancellationToken)
    {
        BuildRequest request = new() { Base = [ChangeOf(target.Name, onto)], Head = [ChangeOf(entry.Branch, merge)] };
        var (reds, faults) = (0, 0);
        for (var number = 1; ; number++)
        {
            BuildSubmission submission = new() { Key = $"{runner}/{merge}/{number}", OwnerId = runner, Runner = runner, Request = request };
            needed.Add(submission.Key);
            var build = await builds.SubmitAsync(submission, cancellationToken);
            if (build.Status == BuildStatus.Succeeded)
            {
                return State.Green;
            }

            if (!build.Status.IsTerminal())
            {
                _followed.Add(build.Key);
                return build.Status == BuildStatus.Running ? State.Running : State.Waiting;
            }

            // It was not needed for a while, which says nothing.
            if (build.Status == BuildStatus.Cancelled)
            {
                continue;
            }

            // What is red is built again as well: it may be chance.
            entry.Fault = FaultOf(build);
            if (entry.Fault is null && ++reds == attempts)
            {
                return State.Red;
            }

            if (entry.Fault is not null && _followed.Contains(build.Key) && ++faults == MaxFaults)
            {
                return State.Unverified;
            }
        }
    }

    // What is ahead has changed: nobody needs to know how these end.
    private async Task CancelOthersAsync(HashSet<string> needed, CancellationToken cancellationToken)
    {
        var page = await builds.ListAsync(new BuildQuery { OwnerId = runner, HasEnded = false, Limit = BuildQuery.MaxLimit }, cancellationToken);
        foreach (var build in page.Builds.Where(build => !needed.Contains(build.Key)))
        {
            await builds.CancelAsync(build.Id, cancellationToken);
        }
    }

    // Why a build has failed for which the branch is not to blame.
    private static string? FaultOf(Build build) => build.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind) switch
    {
        null or BuildFailureKinds.Code or BuildFailureKinds.Conflict => null,
        var kind => build.Note is { } note ? $"{kind}: {note}" : kind,
    };

    private static Change ChangeOf(string branch, string commitId) => GitChange.Create("localhost", Repository, $"refs/heads/{branch}", commitId);
}
