namespace BuildRunner.Orchestration.Handling;

/// <summary>How a build goes on. None of these looks at the clock or at anything else.</summary>
internal static class BuildTransitions
{
    // A note ends with it, so that what was noted before outlasts it.
    private const string UnknownState = "The runner says that the build is in a state that is not known:";

    private static readonly BuildMetadata NoDuration = [new(BuildMetadataKeys.DurationMs, "")];

    public static Build Marked(this Build build, DateTimeOffset now) => build with { TriggerAttemptedAt = now, NotBefore = null };

    public static Build Accepted(this Build build, BuildId buildId) => build.Answered() with { BuildId = buildId, Status = BuildStatus.Accepted };

    /// <summary>The call has failed and nothing was created.</summary>
    public static Build Untriggered(this Build build, DateTimeOffset notBefore) => build.Errored(notBefore) with { TriggerAttemptedAt = null };

    public static Build Errored(this Build build, DateTimeOffset notBefore) => build with { ErrorsInARow = build.ErrorsInARow + 1, NotBefore = notBefore };

    public static Build Missing(this Build build, DateTimeOffset since) => build.Answered() with { MissingSince = since };

    public static Build Cancelling(this Build build, BuildCancelCause cause) => build.CancelCause == BuildCancelCause.None ? build with { CancelCause = cause } : build;

    public static Build WithNote(this Build build, string note)
    {
        if (build.Note?.Contains(note, StringComparison.Ordinal) == true)
        {
            return build;
        }

        var lasting = LastingNoteOf(build);
        return build with { Note = string.Join(' ', new[] { lasting, note, build.Note?[(lasting?.Length ?? 0)..].Trim() }.Where(static part => !string.IsNullOrEmpty(part))) };
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
            _ => answered.WithNote($"{UnknownState} '{snapshot.Metadata.GetValueOrDefault(BuildMetadataKeys.NativeState, "")}'."),
        };
    }

    // All but a state that was not known, which the next that is known makes void.
    private static string? LastingNoteOf(Build build) =>
        build.Note?.IndexOf(UnknownState, StringComparison.Ordinal) switch
        {
            null or -1 => build.Note,
            0 => null,
            { } at => build.Note[..at].TrimEnd(),
        };

    private static Build Answered(this Build build) => build with { ErrorsInARow = 0, NotBefore = null, MissingSince = null };

    // How long a build has run so far is another figure at each poll, and no reason to save it.
    private static bool Same(BuildMetadata before, BuildMetadata after) =>
        before.SetItems(NoDuration).Equals(after.SetItems(NoDuration));
}
