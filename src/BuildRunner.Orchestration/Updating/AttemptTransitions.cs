namespace BuildRunner.Orchestration;

/// <summary>Provides the changes of builds that are tried again. All are pure functions.</summary>
internal static class AttemptTransitions
{
    // What is left of the note is for the end.
    private const int MaxNoteLength = 2000;

    /// <summary>Begins another attempt in place of an end. Nothing of the last one is left but a note.</summary>
    /// <param name="ended">The build as it would have ended.</param>
    /// <param name="kind">The kind of its failure.</param>
    /// <param name="notBefore">When it may be triggered.</param>
    /// <param name="held">For how long its runner was held until now, in all.</param>
    public static Build NextAttempt(this Build ended, RetryKinds kind, DateTimeOffset notBefore, TimeSpan held)
    {
        var attempt = ended.Attempt + 1;
        var remote = ended.RemoteId is { } remoteId ? $" '{BuildNote.Storable(remoteId.Value)}'" : "";
        return ended.WithRoomFor($"Attempt {ended.Attempt}{remote} ended: {NameOf(kind)}.") with
        {
            Attempt = attempt,
            Request = ended.Request with { TriggerKey = BuildTransitions.TriggerKeyOf(ended.Id, attempt) },
            Status = BuildStatus.Accepted,
            RemoteId = null,
            AcceptedAt = null,
            StartedAt = null,
            Metadata = BuildMetadata.Empty,
            CancelCause = BuildCancelCause.None,
            PassingNote = null,
            Bookkeeping = new() { NotBefore = notBefore, HeldBefore = held },
        };
    }

    /// <summary>The end stands, because the owner has had all further attempts of the hour.</summary>
    public static Build NotTriedAgain(this Build ended, int budget) => ended.WithRoomFor(
        $"The build was not tried again: the budget of {budget} further attempts per hour of its owner at the runner is spent.");

    /// <summary>Gets the name of a kind in notes and metrics.</summary>
    public static string NameOf(RetryKinds kind) => kind switch
    {
        RetryKinds.Infra => BuildFailureKinds.Infra,
        RetryKinds.PendingTimeout => "pending_timeout",
        RetryKinds.Cancelled => "cancelled",
        _ => BuildFailureKinds.Code,
    };

    private static Build WithRoomFor(this Build build, string sentence) => BuildTransitions.WithNote(
        build with { LastingNote = build.LastingNote is { } note ? BuildNote.Cut(note, MaxNoteLength) : null }, sentence);
}
