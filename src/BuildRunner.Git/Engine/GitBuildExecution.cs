using System.Runtime.Versioning;
using BuildRunner.Git.Logs;
using BuildRunner.Git.Processes;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Engine;

/// <summary>Runs a build: claims a work tree, applies the changes, checks out the result and runs the command.</summary>
[SupportedOSPlatform("linux")]
internal sealed class GitBuildExecution(
    BuildId id,
    BuildRecord record,
    GitBuildState state,
    DiskRoom room,
    GitBuildRunnerOptions options,
    TimeProvider timeProvider,
    StepReached? reached)
{
    /// <summary>Gets a value indicating whether processes of the build are left that could not be killed.</summary>
    public bool HasProcessesLeft { get; private set; }

    /// <summary>Gets a value indicating whether any part of the build may have run.</summary>
    public bool HasBegun { get; private set; }

    /// <param name="cancelRequested">Ends the build as cancelled.</param>
    /// <param name="abandoned">Stops the run without ending the build.</param>
    /// <returns>The outcome of the build, or <see langword="null"/> if the run was abandoned.</returns>
    public async Task<GitBuildOutcome?> RunAsync(CancellationToken cancelRequested, CancellationToken abandoned)
    {
        var outcome = await RunInSlotAsync(cancelRequested, abandoned).ConfigureAwait(false);
        reached?.Invoke(Step.SlotReleased);
        return outcome;
    }

    private async Task<GitBuildOutcome?> RunInSlotAsync(CancellationToken cancelRequested, CancellationToken abandoned)
    {
        using var slot = await WorkSlot.ClaimAsync(state.Layout.Work).ConfigureAwait(false);
        reached?.Invoke(Step.SlotClaimed);
        var attempt = Attempt.Create();

        // Both before anything starts, because processes are found by either.
        slot.Mark(attempt);
        reached?.Invoke(Step.SlotMarked);
        state.Store.Start(id.Value, attempt);
        reached?.Invoke(Step.Started);
        var started = timeProvider.GetTimestamp();
        var outcome = await RunInTimeAsync(slot, attempt, cancelRequested, abandoned).ConfigureAwait(false);
        HasProcessesLeft = slot.HasProcessesLeft;
        slot.Clear();
        return outcome?.After(timeProvider.GetElapsedTime(started));
    }

    private async Task<GitBuildOutcome?> RunInTimeAsync(
        WorkSlot slot,
        Attempt attempt,
        CancellationToken cancelRequested,
        CancellationToken abandoned)
    {
        using var log = new BuildLog(state.Layout.LogOf(id.Value), options.MaxLogBytes);
        HasBegun = true;
        using var timeout = new CancellationTokenSource(record.Job.Timeout, timeProvider);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancelRequested, abandoned, timeout.Token);
        var validation = new Validation(id, record.Job, slot, attempt, log, state, options, timeProvider, reached);
        try
        {
            var outcome = await RunStepsAsync(slot, attempt, log, validation, stop.Token).ConfigureAwait(false);
            return log.Failure is null ? outcome : throw log.Failure;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            slot.HasProcessesLeft |= !await KillToolsAsync(attempt, log).ConfigureAwait(false);
            return DescribeStop(log, validation, cancelRequested, abandoned);
        }
        catch (Exception exception) when (exception is GitException or IOException or UnauthorizedAccessException)
        {
            log.Note(exception.Message);
            return log.Failure is null && validation.Known is { } known ? known : GitBuildOutcome.Failed(BuildFailureKinds.Infra);
        }
        catch (Exception exception)
        {
            log.Note($"a fault of the runner: {exception}");
            throw;
        }
        finally
        {
            LeaveRoom(slot, log);
        }
    }

    // Without room, no build is accepted that would clean the work tree.
    private void LeaveRoom(WorkSlot slot, BuildLog log)
    {
        if ((room.IsShort || (log.Failure is { } cause && room.Lacks(cause))) && !slot.HasProcessesLeft)
        {
            slot.TryDelete(CancellationToken.None);
            var missing = log.Failure is { } failure ? $"; some output is missing: {failure.Message}" : "";
            log.Note($"the disk was full or nearly full, and the work tree was emptied{missing}");
        }
    }

    private GitBuildOutcome? DescribeStop(
        BuildLog log,
        Validation validation,
        CancellationToken cancelRequested,
        CancellationToken abandoned)
    {
        if (cancelRequested.IsCancellationRequested)
        {
            log.Note("cancelled on request");
            return GitBuildOutcome.Cancelled;
        }

        if (abandoned.IsCancellationRequested)
        {
            log.Note("stopped because the process that ran it stopped");
            return null;
        }

        log.Note($"stopped after {record.Job.Timeout}, the time limit of a build");
        return validation.Known ?? GitBuildOutcome.Failed(BuildFailureKinds.Timeout);
    }

    // Kills what git started and what survives git. The command has cleaned up after itself.
    private static async Task<bool> KillToolsAsync(Attempt attempt, BuildLog log)
    {
        var areKilled = await new BuildProcesses(attempt.Cookie, leader: null).KillAsync().ConfigureAwait(false);
        if (!areKilled)
        {
            log.Note("some processes of the build could not be killed");
        }

        return areKilled;
    }

    private async Task<GitBuildOutcome> RunStepsAsync(
        WorkSlot slot,
        Attempt attempt,
        BuildLog log,
        Validation validation,
        CancellationToken stopToken)
    {
        // First, because the rest may need the space.
        slot.WorkTree.Clean(state.Repository.ObjectFormat, log, stopToken);
        if (RemoteRepository.Find(options, state.Repository, timeProvider) is { } remote)
        {
            await remote
                .FetchAsync(record.Target, record.Changes, id.Value, attempt.Cookie, log.Note, stopToken)
                .ConfigureAwait(false);
        }

        var merger = new ChangeMerger(slot.WorkTree.Merge, state.Repository, attempt.Cookie);
        var result = await merger.ApplyAsync(record.Target, record.Changes, stopToken).ConfigureAwait(false);
        if (result is not ApplyResult.Applied applied)
        {
            var (outcome, note) = NotApplied.Describe(result);
            log.Note(note);
            return outcome;
        }

        reached?.Invoke(Step.Merged);
        state.Repository.Hold(id.Value, applied.Head.CommitId);
        reached?.Invoke(Step.Applied);
        try
        {
            var hasBase = record.Changes.Any(static change => change.Side == BuildFailedSides.Base);
            return await validation.RunAsync(applied, hasBase, stopToken).ConfigureAwait(false);
        }
        catch (GitException) when (validation.Known is null)
        {
            if (await merger.FindUnusableAsync(record.Target, applied, stopToken).ConfigureAwait(false) is not { } side)
            {
                throw;
            }

            log.Note(
                $"the {side} adds a file that no machine can check out: its name is too long or git refuses it, "
                + "or it is a link whose target is empty or too long");
            return GitBuildOutcome.Failed(BuildFailureKinds.Rejected, KeyValuePair.Create(BuildMetadataKeys.FailedSide, side));
        }
    }
}
