using BuildRunner;
using BuildRunner.Git;
using BuildRunner.Orchestration;

namespace MergeQueue;

/// <summary>
/// Lands branches in their order, each verified on all that are ahead of it, as if these had landed already. What is verified is the very commit that lands. How things stand follows from the branches and the builds, so that it can be killed at any time.
/// </summary>
internal sealed class Queue(IBuildOrchestrator builds, Branches branches, Merges merges, IReadOnlyList<Entry> entries, string runner, int attempts)
{
    /// <summary>The repository that the changes name.</summary>
    public const string Repository = "merge-queue";

    // How many builds of a commit may fail without its fault.
    private const int MaxFaults = 3;

    // The builds that had not ended when they were first seen: the faults of earlier runs may be mended by now.
    private readonly HashSet<string> _followed = [];

    /// <summary>Decides about branches that do not exist but were built before: they landed and were deleted, or were given up.</summary>
    /// <exception cref="RejectedException">A branch does not exist and was never built.</exception>
    public async Task RecallAsync(CancellationToken cancellationToken)
    {
        var commits = await branches.ReadAsync(entries.Select(static entry => entry.Branch), cancellationToken);
        foreach (var entry in entries.Where(entry => !commits.ContainsKey(entry.Branch)))
        {
            var built = await BuiltAsync(entry.Branch, cancellationToken);
            if (built.Count == 0)
            {
                throw branches.Missing(entry.Branch);
            }

            entry.Leave(State.Gone, "it was deleted before it landed");
            foreach (var merge in built)
            {
                if (await branches.MayHaveAsync(commits[branches.Target], merge, cancellationToken))
                {
                    (entry.State, entry.CommitId) = (State.Landed, merge);
                    break;
                }
            }
        }
    }

    /// <summary>Does what can be done now.</summary>
    /// <returns><see langword="true"/> if every branch is decided.</returns>
    public async Task<bool> AdvanceAsync(CancellationToken cancellationToken)
    {
        // Read once. What somebody else puts on the branches after that, this round does not land, nor land on.
        var commits = await branches.ReadAsync(entries.Select(static entry => entry.Branch), cancellationToken);
        Round round = new(commits[branches.Target]);
        foreach (var entry in entries.Where(static entry => !entry.HasLeft))
        {
            try
            {
                await AdvanceAsync(entry, commits.GetValueOrDefault(entry.Branch), round, cancellationToken);
            }
            catch (GitException exception)
            {
                entry.Leave(State.Unverified, exception.Message);
            }
        }

        await CancelOthersAsync(round.Needed, cancellationToken);

        // What is told to have landed must not have been taken back meanwhile.
        return entries.All(static entry => entry.IsDecided)
            && ((await branches.ReadAsync([], cancellationToken))[branches.Target] == round.Tip || await AdvanceAsync(cancellationToken));
    }

    private async Task AdvanceAsync(Entry entry, string? commitId, Round round, CancellationToken cancellationToken)
    {
        if (entry.State == State.Landed && !await branches.HasAsync(round.Tip, entry.CommitId, cancellationToken))
        {
            entry.Leave(State.Dropped, $"it had landed, and somebody has taken it off '{branches.Target}' again");
            return;
        }

        if (entry.State != State.Landed && commitId is null)
        {
            entry.Leave(State.Gone, "it was deleted before it landed");
            return;
        }

        entry.CommitId = entry.State == State.Landed ? entry.CommitId : commitId!;
        if (entry.State == State.Landed || await branches.HasAsync(round.Tip, entry.CommitId, cancellationToken))
        {
            entry.State = State.Landed;
            round.Ahead.Add(entry.Branch);
            return;
        }

        entry.On = string.Join(", ", round.Ahead);
        await LandAsync(entry, round, cancellationToken);
    }

    private async Task LandAsync(Entry entry, Round round, CancellationToken cancellationToken)
    {
        var merge = await merges.MakeAsync(round.Onto, entry, cancellationToken);
        var verdict = merge.CommitId is { } commitId ? await VerifyAsync(entry, round, commitId, cancellationToken) : State.Red;
        entry.Reason = merge.WhyNot ?? entry.Reason;

        // What is ahead may be to blame, as long as it has not landed.
        entry.State = (verdict, IsNext: round.Onto == round.Tip) switch
        {
            (State.Green, true) => await branches.TryMoveAsync(round.Tip, merge.CommitId!, entry, cancellationToken) ? State.Landed : State.Waiting,
            (State.Red, true) => State.Dropped,
            (State.Unverified, false) => State.Waiting,
            _ => verdict,
        };
        if (verdict is not (State.Red or State.Unverified))
        {
            round.Ahead.Add(entry.Branch);
            round.Onto = merge.CommitId!;
            round.Tip = entry.State == State.Landed ? round.Onto : round.Tip;
        }
    }

    // The key says what is verified and on what, so that submitting it again, also after a restart, gives the same build.
    private async Task<State> VerifyAsync(Entry entry, Round round, string merge, CancellationToken cancellationToken)
    {
        BuildRequest request = new() { Base = [ChangeOf(branches.Target, round.Onto)], Head = [ChangeOf(entry.Branch, merge)] };
        var (reds, faults) = (0, 0);
        for (var number = 1; ; number++)
        {
            BuildSubmission submission = new() { Key = $"{runner}/{merge}/{number}", OwnerId = runner, Runner = runner, Request = request };
            round.Needed.Add(submission.Key);
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
            var fault = FaultOf(build);
            entry.Reason = fault ?? "it is red";
            if (fault is null && ++reds == attempts)
            {
                return State.Red;
            }

            if (fault is not null && _followed.Contains(build.Key) && ++faults == MaxFaults)
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

    // The merges of a branch that were built, by any command and for any target.
    private async Task<List<string>> BuiltAsync(string branch, CancellationToken cancellationToken)
    {
        List<string> built = [];
        Guid? next = null;
        do
        {
            var page = await builds.ListAsync(new BuildQuery { Limit = BuildQuery.MaxLimit, After = next }, cancellationToken);
            var commitIds = page.Builds.Select(static build => (build.Request.Head[0], CommitId: build.Request.Head[0].Uris[0].Split('/')[^1]));
            built.AddRange(commitIds.Where(head => head.Item1.Equals(ChangeOf(branch, head.CommitId))).Select(static head => head.CommitId));
            next = page.Next;
        }
        while (next is not null);
        return built;
    }

    // Why a build has failed for which the branch is not to blame.
    private static string? FaultOf(Build build) => build.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind) switch
    {
        null or BuildFailureKinds.Code or BuildFailureKinds.Conflict => null,
        var kind => build.Note is { } note ? $"{kind}: {note}" : kind,
    };

    private static Change ChangeOf(string branch, string commitId) => GitChange.Create("localhost", Repository, $"refs/heads/{branch}", commitId);

    /// <summary>One look at all branches.</summary>
    private sealed class Round(string tip)
    {
        /// <summary>Gets or sets the commit that the target is at.</summary>
        public string Tip { get; set; } = tip;

        /// <summary>Gets or sets the commit that the next branch is verified on: the target with all that are ahead.</summary>
        public string Onto { get; set; } = tip;

        public List<string> Ahead { get; } = [];

        public HashSet<string> Needed { get; } = [];
    }
}
