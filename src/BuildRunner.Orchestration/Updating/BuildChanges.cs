namespace BuildRunner.Orchestration;

/// <summary>Completes a changed build before it is saved.</summary>
internal static class BuildChanges
{
    /// <summary>Sets the version, the times and what the history gets.</summary>
    public static Build Next(Build before, Build changed, DateTimeOffset now)
    {
        // What was read may be younger than the time that was read before it.
        now = Latest(now, before.UpdatedAt, before.Bookkeeping.SlotSince, before.Bookkeeping.TriggerAttemptedAt);
        return changed with
        {
            Version = before.Version + 1,
            UpdatedAt = IsSeen(before, changed) ? now : before.UpdatedAt,
            AcceptedAt = changed.AcceptedAt ?? (changed.RemoteId is not null ? now : null),
            StartedAt = changed.StartedAt ?? (changed.Status == BuildStatus.Running ? now : null),
            EndedAt = before.EndedAt ?? (changed.Status.IsTerminal() ? now : null),
            NewHistory = HistoryLine.Of(before, changed, now),
        };
    }

    private static DateTimeOffset Latest(DateTimeOffset now, params ReadOnlySpan<DateTimeOffset?> times)
    {
        foreach (var time in times)
        {
            now = time > now ? time.Value : now;
        }

        return now;
    }

    private static bool IsSeen(Build before, Build after) =>
        before.Status != after.Status || before.RemoteId != after.RemoteId || before.Attempt != after.Attempt
        || before.CancelCause != after.CancelCause || before.Note != after.Note || !before.Metadata.Equals(after.Metadata);
}
