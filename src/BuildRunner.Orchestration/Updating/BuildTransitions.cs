using System.Globalization;

namespace BuildRunner.Orchestration;

/// <summary>Provides the changes of builds. All are pure functions.</summary>
internal static class BuildTransitions
{
    private const int MaxReasonLength = 1000;
    private const int MaxStateLength = 100;

    private static readonly BuildMetadata NoDuration = [new(BuildMetadataKeys.DurationMs, "")];

    /// <summary>Gets the key of an attempt: that of the first is the id.</summary>
    public static string TriggerKeyOf(Guid id, int attempt) =>
        attempt == 1 ? id.ToString() : string.Create(CultureInfo.InvariantCulture, $"{id}-{attempt}");

    /// <summary>The runner is about to be called, or certainly created nothing.</summary>
    public static Build Marked(this Build build, DateTimeOffset? at)
    {
        var notBefore = at is null ? build.Bookkeeping.NotBefore : null;
        return build with { Bookkeeping = build.Bookkeeping with { TriggerAttemptedAt = at, NotBefore = notBefore } };
    }

    /// <summary>The runner is about to be called. Until now the total limit stood still while it was held.</summary>
    public static Build Marked(this Build build, DateTimeOffset at, RunnerControl control)
    {
        var held = control.HeldAt(at) - build.Bookkeeping.HeldBefore;
        var marked = build.Marked(at);
        return marked with
        {
            Deadline = held > TimeSpan.Zero && !build.MayBeRemote() ? build.Deadline + held : build.Deadline,
            Bookkeeping = marked.Bookkeeping with { HeldBefore = control.HeldAt(at) },
        };
    }

    /// <summary>The build waits in the line of its runner. Nothing was created for it.</summary>
    public static Build Waiting(this Build build) => build with
    {
        Bookkeeping = build.Bookkeeping with { TriggerAttemptedAt = null, SlotSince = null, Line = build.Priority },
    };

    /// <summary>The build is let in: it holds a slot from now on. What it was refused before does not count, so that it has as many tries
    /// as the last time.</summary>
    public static Build LetIn(this Build build, DateTimeOffset now) =>
        build with { Bookkeeping = build.Bookkeeping with { Line = null, SlotSince = now, ErrorsInARow = 0 } };

    public static Build Accepted(this Build build, BuildId remoteId) =>
        build.Answered() with { RemoteId = remoteId, Status = BuildStatus.Accepted, PassingNote = null };

    /// <summary>A call failed. That says nothing about whether the runner knows the build, so reports of a missing build start
    /// over.</summary>
    public static Build Errored(this Build build, DateTimeOffset notBefore) => build.CancelRefused(notBefore).Missing(since: null);

    /// <summary>The runner refused to cancel, which does not show whether it knows the build.</summary>
    public static Build CancelRefused(this Build build, DateTimeOffset notBefore) =>
        build with { Bookkeeping = build.Bookkeeping with { ErrorsInARow = build.Bookkeeping.ErrorsInARow + 1, NotBefore = notBefore } };

    /// <summary>The runner's setup must be fixed. The note says so until the runner answers.</summary>
    public static Build WithSetupFault(this Build build, string reason) =>
        build with { PassingNote = BuildNote.Storable($"The runner is not set up correctly: {BuildNote.Cut(reason, MaxReasonLength)}") };

    /// <summary>The runner rejected the build permanently. Its reason may be a whole page, so it is cut to leave room for later
    /// notes.</summary>
    public static Build Rejected(this Build build, string reason) =>
        build.Failed(BuildFailureKinds.Rejected, $"The runner rejected the build: {BuildNote.Cut(reason, MaxReasonLength)}") with
        {
            PassingNote = null,
        };

    /// <summary>Whether the build was ended because its time was over, and may run on: the runner was asked for it until then and had not
    /// said that it has stopped.</summary>
    public static bool IsGivenUp(this Build build) => build.EndedAt >= (build.Bookkeeping.LastCallEndsAt ?? build.Bookkeeping.GraceEndsAt);

    public static bool MayBeRemote(this Build build) => build.RemoteId is not null || build.Bookkeeping.TriggerAttemptedAt is not null;

    public static Build Missed(this Build build, DateTimeOffset since) => build.Answered().Missing(since) with { PassingNote = null };

    /// <summary>A limit of the build has passed. Who was first to cancel it stays.</summary>
    public static Build TimedOut(this Build build, TimeoutOf limit) => build.Cancelling(BuildCancelCause.Deadline) with
    {
        Bookkeeping = build.Bookkeeping with { TimeoutOf = limit },
    };

    /// <summary>Determines whether the build is being cancelled for another reason than that this attempt was not run in time.</summary>
    public static bool IsCancelledForGood(this Build build) => build.CancelCause != BuildCancelCause.None
        && build is not { CancelCause: BuildCancelCause.Deadline, Bookkeeping.TimeoutOf: TimeoutOf.Pending };

    /// <summary>The build is to be cancelled. The first cause stays, unless only this attempt was to be cancelled.</summary>
    public static Build Cancelling(this Build build, BuildCancelCause cause, string? reason = null)
    {
        if (build.IsCancelledForGood() || build.CancelCause == cause)
        {
            return build;
        }

        var cancelling = build with
        {
            CancelCause = cause,
            CancelReason = reason,
            Bookkeeping = build.Bookkeeping with { TimeoutOf = TimeoutOf.None },
        };
        return reason is null ? cancelling : cancelling.WithNote($"Cancelled: {reason}");
    }

    public static Build WithNote(this Build build, string sentence) =>
        build with { LastingNote = BuildNote.Add(build.LastingNote, sentence) };

    public static Build Failed(this Build build, string kind, string note) => build.Answered().WithNote(note) with
    {
        Status = BuildStatus.Failed,
        Metadata = build.Metadata.SetItems([new(BuildMetadataKeys.FailureKind, kind)]),
    };

    /// <summary>Ends the build because of the limit that has passed.</summary>
    public static Build FailedInTime(this Build build, string note)
    {
        var failed = build.Failed(BuildFailureKinds.Timeout, note);
        var limit = BuildLimits.NameOf(build.Bookkeeping.TimeoutOf);
        return failed with { Metadata = failed.Metadata.SetItems([new(BuildLimits.MetadataKey, limit)]) };
    }

    /// <summary>Says what a build has not done that a limit has passed for. Only one that ran too long may be to blame itself.</summary>
    public static string LimitOf(TimeoutOf limit) => limit switch
    {
        TimeoutOf.Pending => "been run by its CI within the pending timeout, which is no fault of the change",
        TimeoutOf.Run => "ended within the run timeout, which the change may be to blame for",
        _ => "ended by its deadline",
    };

    public static Build Cancelled(this Build build) => build.CancelCause switch
    {
        BuildCancelCause.Deadline => build.FailedInTime(
            $"The build was cancelled because it had not {LimitOf(build.Bookkeeping.TimeoutOf)}."),
        BuildCancelCause.DeadLetter =>
            build.Failed(BuildFailureKinds.Infra, "The build was cancelled because one of its messages became a dead letter."),
        _ => build.Answered() with { Status = BuildStatus.Cancelled },
    };

    /// <summary>The runner says that the build was cancelled, which nobody has asked for.</summary>
    public static Build Settling(this Build build, DateTimeOffset settledAt)
    {
        var answered = build.Answered();
        return answered with
        {
            PassingNote = "The CI has cancelled the build, though nobody here asked for it. The build ends unless the CI runs it again.",
            Bookkeeping = answered.Bookkeeping with { SettledAt = settledAt },
        };
    }

    public static Build Seen(this Build build, BuildSnapshot snapshot)
    {
        var isSame = Same(build.Metadata, snapshot.Metadata) && !snapshot.Status.IsTerminal();
        var answered = build.Answered();
        answered = answered.Bookkeeping.SettledAt is null
            ? answered
            : answered with { Bookkeeping = answered.Bookkeeping with { SettledAt = null } };
        if (isSame && answered.PassingNote is null && answered.Status == snapshot.Status)
        {
            // Most polls find nothing new.
            return answered;
        }

        answered = answered with { PassingNote = null, Metadata = isSame ? build.Metadata : snapshot.Metadata };
        return snapshot.Status switch
        {
            BuildStatus.Cancelled => answered.Cancelled(),
            BuildStatus.Accepted or BuildStatus.Running or BuildStatus.Succeeded or BuildStatus.Failed =>
                answered with { Status = snapshot.Status },
            _ => answered with { PassingNote = UnknownState(snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.NativeState, "")) },
        };
    }

    private static string UnknownState(string state) =>
        BuildNote.Storable($"The runner says that the build is in a state that is not known: '{BuildNote.Cut(state, MaxStateLength)}'.");

    // Most answers find nothing to clear.
    private static Build Answered(this Build build) => build.Bookkeeping is { ErrorsInARow: 0, NotBefore: null, MissingSince: null }
        ? build
        : build with { Bookkeeping = build.Bookkeeping with { ErrorsInARow = 0, NotBefore = null, MissingSince = null } };

    private static Build Missing(this Build build, DateTimeOffset? since) =>
        build with { Bookkeeping = build.Bookkeeping with { MissingSince = since } };

    // How long a build has run so far is another figure at each poll, and no reason to save it.
    private static bool Same(BuildMetadata before, BuildMetadata after) =>
        before.Equals(after) || before.SetItems(NoDuration).Equals(after.SetItems(NoDuration));
}
