using BuildRunner;
using BuildRunner.Git;
using BuildRunner.Orchestration;

namespace MergeQueue;

/// <summary>Lands branches in their order, each verified on all that are ahead of it, as if these had landed already.</summary>
internal sealed class Queue(IBuildOrchestrator builds, IMergedRefs merged, Settings settings) : IBuildObserver
{
    private readonly List<Branch> _branches = [.. settings.Branches.Distinct().Select(static name => new Branch(name))];
    private readonly HashSet<Guid> _followed = [];
    private readonly HashSet<Guid> _outdated = [];
    private readonly HashSet<BuildRequest> _refused = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken) => Task.FromResult(Wake());

    /// <summary>Runs until each branch has landed or is given up, and returns whether all have landed.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        // Taken first, so that a change during the round begins another.
        for (var changed = _changed.Task; !await TryFinishAsync(cancellationToken); changed = _changed.Task)
        {
            // Nobody tells when others push.
            await Task.WhenAny(changed, Task.Delay(TimeSpan.FromSeconds(5), cancellationToken));
        }

        return _branches.TrueForAll(static branch => branch.State == State.Landed);
    }

    private bool Wake() => Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private async Task<bool> TryFinishAsync(CancellationToken cancellationToken)
    {
        try
        {
            // Read once. What others push after that, this round neither lands nor lands on.
            var tips = await merged.ReadTipsAsync(_branches.Select(static branch => branch.Name), cancellationToken);
            var kept = (await builds.ListAsync(new() { OwnerId = settings.Runner, Limit = BuildQuery.MaxLimit }, cancellationToken)).Builds;
            foreach (var branch in _branches.Where(static branch => branch.State <= State.Landed))
            {
                await LookAtAsync(branch, tips.GetValueOrDefault(branch.Name), tips[settings.Target], kept, cancellationToken);
            }

            Branch[] rest = [.. _branches.Where(static branch => branch.State < State.Landed)];
            var needed = await VerifyAsync(new KnownBuilds(tips[settings.Target], kept.Where(IsUsable)), rest, cancellationToken);
            var unneeded = kept.Where(build => !build.Status.IsTerminal() && !needed.Contains(build.Id));
            await Task.WhenAll(unneeded.Select(build => builds.CancelAsync(build.Id, "what is ahead has changed", cancellationToken)));
            return Array.TrueForAll(rest, static branch => branch.State >= State.Landed);
        }
        catch (BuildRunnerException exception) when (exception.IsTransient)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return false;
        }
    }

    private async Task LookAtAsync(Branch branch, string? tip, string target, IEnumerable<Build> saved, CancellationToken cancellationToken)
    {
        // One that is gone may have landed earlier. The builds tell with which commit.
        foreach (var commit in branch.State == State.Landed ? [branch.CommitId] : tip is null ? branch.FindCommits(saved) : [tip])
        {
            branch.CommitId = commit;
            if (await merged.IsInHistoryAsync(target, commit, cancellationToken))
            {
                branch.Become(State.Landed);
                return;
            }
        }

        if (branch.State == State.Landed || tip is null)
        {
            branch.Become(State.Gone, branch.State == State.Landed ? "somebody took it off the target again" : "there is no such branch");
        }
    }

    /// <summary>Has the branches verified, lands what is green, and returns the builds that are needed.</summary>
    private async Task<HashSet<Guid>> VerifyAsync(KnownBuilds known, Branch[] rest, CancellationToken cancellationToken)
    {
        HashSet<Guid> needed = [];
        List<Change> ahead = [.. known.Landed];
        var isNext = true;
        while (rest.Length > 0)
        {
            var batch = rest[..Math.Min(settings.Batch, rest.Length)];
            var red = known.CountRed(ahead, [.. batch.Select(static branch => branch.Change)]);
            if (red > 0 && !isNext && settings.Batch > 1)
            {
                // What is ahead may be to blame, and is decided first.
                Array.ForEach(rest, static branch => branch.Become(State.Waiting));
                break;
            }

            // One of these is the culprit. If the first half is green, it lands, and the other half is red.
            batch = red == 0 ? batch : batch[..Math.Max(1, red / 2)];
            rest = rest[batch.Length..];
            BuildRequest request = new() { Base = [.. ahead], Head = [.. batch.Select(static branch => branch.Change)] };
            var build = known.Find(request) ?? await SubmitAsync(request, known.Onto, _branches.IndexOf(batch[0]), cancellationToken);
            needed.Add(build.Id);
            var (state, note) = build.Status switch
            {
                BuildStatus.Succeeded => isNext ? await LandAsync(build, cancellationToken) : (State.Green, ""),
                BuildStatus.Accepted or BuildStatus.Running when red == 1 => (State.Suspect, "red with others"),
                BuildStatus.Running => (State.Building, ""),
                BuildStatus.Accepted => (State.Waiting, ""),
                _ when !isNext => (State.Suspect, ReasonOf(build)),
                _ => (KnownBuilds.IsRed(build) ? State.Rejected : State.Undecided, ReasonOf(build)),
            };
            Array.ForEach(batch, branch => branch.Become(state, note));
            isNext &= state >= State.Landed;
            ahead.AddRange(state is >= State.Waiting and <= State.Landed ? request.Head : []);
        }

        return needed;
    }

    private async Task<Build> SubmitAsync(BuildRequest request, string onto, int place, CancellationToken cancellationToken)
    {
        // One branch that is red may be flaky. Several are split instead.
        RetryOptions retry = new() { MaxAttempts = settings.Attempts, Delay = TimeSpan.FromSeconds(1) };
        BuildSubmission submission = new()
        {
            Key = Guid.NewGuid().ToString(),
            OwnerId = settings.Runner,
            Runner = settings.Runner,
            Request = request,
            Tag = onto,
            Priority = Math.Max(0, BuildSubmission.MaxPriority - place),
            Retry = request.Head.Count > 1 ? retry : retry with { Kinds = retry.Kinds | RetryKinds.Code },
        };
        var build = await builds.SubmitAsync(submission, cancellationToken);
        _followed.Add(build.Id);
        return build;
    }

    private async Task<(State State, string Note)> LandAsync(Build build, CancellationToken cancellationToken)
    {
        LandingResult landing;
        try
        {
            landing = await merged.LandAsync(build.RemoteId!.Value, cancellationToken);
        }
        catch (BuildRunnerException exception) when (exception.IsTransient || exception is BuildNotFoundException)
        {
            // What has no record any more is built again, as if the target had moved. The rest may work at the next look.
            landing = new() { Outcome = exception.IsTransient ? LandingOutcome.Blocked : LandingOutcome.Moved, Reason = exception.Message };
        }

        // What can never land is built again once. If that is refused as well, the next start tries again.
        _ = landing.Outcome is not (LandingOutcome.Landed or LandingOutcome.Blocked) && _outdated.Add(build.Id) && Wake();
        var request = build.Request with { TriggerKey = null };
        var stays = landing.Outcome == LandingOutcome.Refused && !_refused.Add(request) ? State.Undecided : State.Green;
        return (landing.Outcome == LandingOutcome.Landed ? State.Landed : stays, landing.Reason ?? "");
    }

    // A build that the queue has cancelled says nothing, and what failed before this run may work by now.
    private bool IsUsable(Build build) =>
        build.CancelCause != BuildCancelCause.Caller && !_outdated.Contains(build.Id)
        && (KnownBuilds.IsRed(build) || build.Status is not (BuildStatus.Failed or BuildStatus.Cancelled) || _followed.Contains(build.Id));

    private static string ReasonOf(Build build)
    {
        string[] keys = [BuildMetadataKeys.FailureKind, BuildMetadataKeys.ConflictPaths, BuildMetadataKeys.Url];
        return string.Join(", ", keys.Select(key => build.Metadata.GetValueOrDefault(key)).Append(build.Note).OfType<string>());
    }
}
