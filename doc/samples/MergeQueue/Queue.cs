using System.Security.Cryptography;
using System.Text;
using BuildRunner;
using BuildRunner.Git;
using BuildRunner.Orchestration;

namespace MergeQueue;

/// <summary>
/// Lands branches in their order, each verified on all that are ahead of it, as if these had landed already. What is verified is the very commit that lands. How things stand follows from the branches and the builds, so that it can be killed at any time.
/// </summary>
/// <param name="builds">What verifies.</param>
/// <param name="merged">What tells where the branches are, and lands what was verified.</param>
/// <param name="target">The branch that is landed on.</param>
/// <param name="start">The commit that it was at. What is verified is built on top of that.</param>
/// <param name="entries">The branches that are to land.</param>
/// <param name="runner">The key of the runner.</param>
/// <param name="attempts">How often a branch may be red.</param>
/// <param name="memory">The file in which it says what has landed on what. Lost, it costs builds.</param>
internal sealed class Queue(IBuildOrchestrator builds, IMergedRefs merged, string target, string start, IReadOnlyList<Entry> entries, string runner, int attempts, string memory)
{
    /// <summary>The repository that the changes name.</summary>
    public const string Repository = "merge-queue";

    // The builds that had not ended when they were first seen: the faults of earlier runs may be mended by now.
    private readonly HashSet<string> _followed = [];

    // What has landed since the last foreign commit on the target, in order. Branches that were verified on top of it still are.
    private readonly List<Change> _landed = [];
    private string _onto = "";
    private string _tip = "";

    /// <summary>Decides about branches that do not exist but were built before: they landed and were deleted, or were given up.</summary>
    /// <exception cref="RejectedException">A branch does not exist and was never built.</exception>
    public async Task RecallAsync(CancellationToken cancellationToken)
    {
        var tips = await ReadAsync(cancellationToken);
        foreach (var entry in entries.Where(entry => !tips.ContainsKey(entry.Branch)))
        {
            var built = await BuiltAsync(entry.Branch, cancellationToken);
            if (built.Count == 0)
            {
                throw new RejectedException($"There is no branch '{entry.Branch}'.");
            }

            entry.Leave(State.Gone, "it was deleted before it landed");
            foreach (var commitId in built)
            {
                if (await merged.IsInHistoryAsync(tips[target], commitId, cancellationToken))
                {
                    (entry.State, entry.CommitId) = (State.Landed, commitId);
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
        var tips = await ReadAsync(cancellationToken);
        if (tips[target] != _tip)
        {
            Begin(tips[target]);
        }

        Round round = new();
        foreach (var entry in entries.Where(static entry => !entry.HasLeft))
        {
            try
            {
                await AdvanceAsync(entry, tips.GetValueOrDefault(entry.Branch), round, cancellationToken);
            }
            catch (BuildRunnerException exception) when (exception is not BuildRunnerConfigurationException)
            {
                entry.Leave(State.Unverified, exception.Message);
            }
        }

        await CancelOthersAsync(round.Needed, cancellationToken);

        // A landed branch that is reported must still be on the target.
        return entries.All(static entry => entry.IsDecided) && ((await ReadAsync(cancellationToken))[target] == _tip || await AdvanceAsync(cancellationToken));
    }

    private void Begin(string tip)
    {
        // Of a run before this one, if nobody has touched the target since.
        var lines = File.Exists(memory) ? File.ReadAllLines(memory) : [];
        var isKnown = lines.Length > 2 && lines[0] == tip;
        _landed.Clear();
        _landed.AddRange(isKnown ? lines[2..].Select(static uri => new Change(uri)) : []);
        (_tip, _onto) = (tip, isKnown ? lines[1] : tip);
    }

    private async Task<IReadOnlyDictionary<string, string>> ReadAsync(CancellationToken cancellationToken)
    {
        var tips = await merged.ReadTipsAsync(entries.Select(static entry => entry.Branch), cancellationToken);
        return await merged.IsInHistoryAsync(tips[target], start, cancellationToken)
            ? tips
            : throw new RejectedException($"'{target}' was taken back to before where it was; start again.");
    }

    private async Task AdvanceAsync(Entry entry, string? commitId, Round round, CancellationToken cancellationToken)
    {
        if (entry.State == State.Landed && !await merged.IsInHistoryAsync(_tip, entry.CommitId, cancellationToken))
        {
            entry.Leave(State.Dropped, $"it had landed, and somebody has taken it off '{target}' again");
            return;
        }

        if (entry.State != State.Landed && commitId is null)
        {
            entry.Leave(State.Gone, "it was deleted before it landed");
            return;
        }

        entry.CommitId = entry.State == State.Landed ? entry.CommitId : commitId!;
        if (entry.State == State.Landed || await merged.IsInHistoryAsync(_tip, entry.CommitId, cancellationToken))
        {
            entry.State = State.Landed;
            round.Names.Add(entry.Branch);
            return;
        }

        entry.On = string.Join(", ", round.Names);
        await LandAsync(entry, round, cancellationToken);
    }

    private async Task LandAsync(Entry entry, Round round, CancellationToken cancellationToken)
    {
        var change = ChangeOf(entry.Branch, entry.CommitId);
        var (verdict, buildId) = await VerifyAsync(entry, new BuildRequest { Base = [.. _landed, .. round.Ahead], Head = [change] }, round, cancellationToken);

        // What is ahead may be to blame, as long as it has not landed.
        entry.State = (verdict, IsNext: round.Ahead.Count == 0) switch
        {
            (State.Green, true) => await TryLandAsync(buildId!.Value, change, cancellationToken) ? State.Landed : State.Waiting,
            (State.Red, true) => State.Dropped,
            (State.Unverified, false) => State.Waiting,
            _ => verdict,
        };
        if (verdict is not (State.Red or State.Unverified))
        {
            round.Names.Add(entry.Branch);
            round.Ahead.AddRange(entry.State == State.Landed ? [] : [change]);
        }
    }

    private async Task<bool> TryLandAsync(BuildId buildId, Change change, CancellationToken cancellationToken)
    {
        var result = await merged.LandAsync(buildId, cancellationToken);
        if (result.Outcome != LandingOutcome.Landed)
        {
            // Somebody has moved something; the next round sees what.
            return false;
        }

        _landed.Add(change);
        _tip = result.CommitId!;
        await File.WriteAllLinesAsync(memory + ".new", [_tip, _onto, .. _landed.Select(static landed => landed.Uris[0])], cancellationToken);
        File.Move(memory + ".new", memory, overwrite: true);
        return true;
    }

    // The key says what is verified and on what, so that submitting it again, also after a restart, gives the same build.
    private async Task<(State Verdict, BuildId? BuildId)> VerifyAsync(Entry entry, BuildRequest request, Round round, CancellationToken cancellationToken)
    {
        var what = string.Join('\n', [_onto, .. request.Base.Concat(request.Head).Select(static change => change.Uris[0])]);
        var reds = 0;

        // What is ahead is verified first.
        var place = entries.TakeWhile(other => other != entry).Count();
        for (var number = 1; ; number++)
        {
            BuildSubmission submission = new() { Key = $"{runner}/{Hash(what)}/{number}", OwnerId = runner, Runner = runner, Request = request, Priority = Math.Max(0, BuildSubmission.MaxPriority - place) };
            round.Needed.Add(submission.Key);
            var build = await builds.SubmitAsync(submission, cancellationToken);
            if (build.Status == BuildStatus.Succeeded)
            {
                return (State.Green, build.RemoteId);
            }

            if (!build.Status.IsTerminal())
            {
                _followed.Add(build.Key);
                return (build.Status == BuildStatus.Running ? State.Running : State.Waiting, null);
            }

            // It was not needed for a while, which says nothing.
            if (build.Status == BuildStatus.Cancelled)
            {
                continue;
            }

            // What is red is built again as well: it may be chance. A conflict is not.
            var fault = FaultOf(build);
            entry.Reason = fault ?? ConflictOf(build) ?? "it is red";
            if (fault is null && (ConflictOf(build) is not null || ++reds == attempts))
            {
                return (State.Red, null);
            }

            // It has been tried again already, where that may help.
            if (fault is not null && _followed.Contains(build.Key))
            {
                return (State.Unverified, null);
            }
        }
    }

    // What is ahead has changed: nobody needs to know how these end.
    private async Task CancelOthersAsync(HashSet<string> needed, CancellationToken cancellationToken)
    {
        var page = await builds.ListAsync(new BuildQuery { OwnerId = runner, HasEnded = false, Limit = BuildQuery.MaxLimit }, cancellationToken);
        foreach (var build in page.Builds.Where(build => !needed.Contains(build.Key)))
        {
            await builds.CancelAsync(build.Id, cancellationToken: cancellationToken);
        }
    }

    // The commits of a branch that were built, by any command and for any target.
    private async Task<List<string>> BuiltAsync(string branch, CancellationToken cancellationToken)
    {
        List<string> built = [];
        Guid? next = null;
        do
        {
            var page = await builds.ListAsync(new BuildQuery { Limit = BuildQuery.MaxLimit, After = next }, cancellationToken);
            var heads = page.Builds.Select(static build => (Change: build.Request.Head[0], CommitId: build.Request.Head[0].Uris[0].Split('/')[^1]));
            built.AddRange(heads.Where(head => head.Change.Equals(ChangeOf(branch, head.CommitId))).Select(static head => head.CommitId));
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

    private static string? ConflictOf(Build build) =>
        build.Metadata.GetValueOrDefault(BuildMetadataKeys.FailureKind) != BuildFailureKinds.Conflict ? null
        : build.Metadata.TryGetValue(BuildMetadataKeys.ConflictPaths, out var paths) ? $"it conflicts in {paths.ReplaceLineEndings(", ")}"
        : "it has no history in common with the target, or conflicts as a whole";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static Change ChangeOf(string branch, string commitId) => GitChange.Create("localhost", Repository, $"refs/heads/{branch}", commitId);

    /// <summary>One look at all branches.</summary>
    private sealed class Round
    {
        /// <summary>Gets the changes that are ahead and have not landed yet.</summary>
        public List<Change> Ahead { get; } = [];

        /// <summary>Gets the branches that are ahead, those that have landed among them.</summary>
        public List<string> Names { get; } = [];

        public HashSet<string> Needed { get; } = [];
    }
}
