namespace BuildRunner.Orchestration.Handling;

/// <summary>How a build goes on. None of these looks at the clock or at anything else.</summary>
internal static class BuildTransitions
{
    private const int MaxNoteLength = 4000;
    private const int MaxReasonLength = 1000;
    private const int MaxStateLength = 100;

    // A note ends with one of these, so that what was noted before outlasts it.
    private const string UnknownState = "The runner says that the build is in a state that is not known:";
    private const string SetupFault = "The runner is not set up correctly:";

    private static readonly string[] Passing = [UnknownState, SetupFault];

    private static readonly BuildMetadata NoDuration = [new(BuildMetadataKeys.DurationMs, "")];

    public static Build Marked(this Build build, DateTimeOffset now) => build with { TriggerAttemptedAt = now, NotBefore = null };

    public static Build Accepted(this Build build, BuildId buildId) => build.Answered() with
    {
        BuildId = buildId,
        Status = BuildStatus.Accepted,
        Note = LastingNoteOf(build),
    };

    /// <summary>The call has failed and nothing was created.</summary>
    public static Build Untriggered(this Build build, DateTimeOffset notBefore) => build.Errored(notBefore) with { TriggerAttemptedAt = null };

    /// <summary>A call has failed. Whether the runner knows the build is not known then, so that this is no longer said in a row.</summary>
    public static Build Errored(this Build build, DateTimeOffset notBefore) => build.Refused(notBefore) with { MissingSince = null };

    /// <summary>The runner has refused a call beside that by which it says whether it knows the build.</summary>
    public static Build Refused(this Build build, DateTimeOffset notBefore) => build with { ErrorsInARow = build.ErrorsInARow + 1, NotBefore = notBefore };

    /// <summary>The runner cannot be called until its setup is mended. The note says so until it has answered.</summary>
    public static Build WithSetupFault(this Build build, string reason) =>
        (build with { Note = LastingNoteOf(build) }).WithNote($"{SetupFault} {Bounded(reason, MaxReasonLength)}");

    /// <summary>The runner has refused the build for good. What it says of that may be a whole page, and there must be room for what is noted after it.</summary>
    public static Build Rejected(this Build build, string reason) =>
        (build with { Note = LastingNoteOf(build) })
            .Failed(BuildFailureKinds.Rejected, $"The runner rejected the build: {Bounded(reason, MaxReasonLength)}");

    /// <summary>Whether the build was ended because its time was over, and may run on: the runner was asked for it until then and had not said that it has stopped.</summary>
    public static bool IsGivenUp(this Build build) => build.EndedAt >= (build.LastCallEndsAt ?? build.GraceEndsAt);

    /// <summary>The call was not made after all.</summary>
    public static Build Unmarked(this Build build) => build with { TriggerAttemptedAt = null };

    public static Build Missing(this Build build, DateTimeOffset since) => build.Answered() with
    {
        MissingSince = since,
        Note = LastingNoteOf(build),
    };

    /// <summary>A build is cancelled from its deadline on, also where that was not saved yet.</summary>
    public static Build DueAt(this Build build, DateTimeOffset now) => now >= build.Deadline ? build.Cancelling(BuildCancelCause.Deadline) : build;

    public static Build Cancelling(this Build build, BuildCancelCause cause) => build.CancelCause == BuildCancelCause.None ? build with { CancelCause = cause } : build;

    /// <summary>Adds a sentence to those that there are. What a runner says may be any text, and is cut.</summary>
    public static Build WithNote(this Build build, string text)
    {
        var note = Bounded(text.Replace('\0', '\uFFFD'), MaxNoteLength);
        if (build.Note?.Contains(note, StringComparison.Ordinal) == true)
        {
            return build;
        }

        var lasting = LastingNoteOf(build);
        return build with { Note = Bounded(string.Join(' ', new[] { lasting, note, build.Note?[(lasting?.Length ?? 0)..].Trim() }.Where(static part => !string.IsNullOrEmpty(part))), MaxNoteLength) };
    }

    public static Build Failed(this Build build, string kind, string note) => build.Answered().WithNote(note) with
    {
        Status = BuildStatus.Failed,
        Metadata = build.Metadata.SetItems([new(BuildMetadataKeys.FailureKind, kind)]),
    };

    /// <summary>The build was cancelled; why decides how it is recorded.</summary>
    public static Build Cancelled(this Build build) => build.CancelCause switch
    {
        BuildCancelCause.Deadline => build.Failed(BuildFailureKinds.Timeout, "The build was cancelled because it had not ended by its deadline."),
        BuildCancelCause.DeadLetter => build.Failed(BuildFailureKinds.Infra, "The build was cancelled because one of its messages became a dead letter."),
        _ => build.Answered() with { Status = BuildStatus.Cancelled },
    };

    /// <summary>The runner has said how the build is.</summary>
    public static Build Seen(this Build build, BuildSnapshot snapshot)
    {
        var answered = build.Answered() with { Note = LastingNoteOf(build), Metadata = Same(build.Metadata, snapshot.Metadata) && !snapshot.Status.IsTerminal() ? build.Metadata : snapshot.Metadata };
        return snapshot.Status switch
        {
            BuildStatus.Cancelled => answered.Cancelled(),
            BuildStatus.Accepted or BuildStatus.Running or BuildStatus.Succeeded or BuildStatus.Failed => answered with { Status = snapshot.Status },
            _ => answered.WithNote($"{UnknownState} '{Bounded(snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.NativeState, ""), MaxStateLength)}'."),
        };
    }

    private static string Bounded(string text, int length) => text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];

    // All but what the next answer of the runner makes void.
    private static string? LastingNoteOf(Build build)
    {
        var starts = Passing.Select(text => build.Note?.IndexOf(text, StringComparison.Ordinal) ?? -1).Where(static at => at >= 0);
        return starts.DefaultIfEmpty(-1).Min() switch
        {
            -1 => build.Note,
            0 => null,
            var at => build.Note![..at].TrimEnd(),
        };
    }

    private static Build Answered(this Build build) => build with { ErrorsInARow = 0, NotBefore = null, MissingSince = null };

    // How long a build has run so far is another figure at each poll, and no reason to save it.
    private static bool Same(BuildMetadata before, BuildMetadata after) =>
        before.SetItems(NoDuration).Equals(after.SetItems(NoDuration));
}
