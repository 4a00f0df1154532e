namespace BuildRunner.Orchestration;

/// <summary>Keeps groups as documents.</summary>
internal sealed class GroupStore(IBuildStore store, IOptions<BuildOrchestrationOptions> options)
{
    // Builds are deleted first. For one that is left there would be no group to answer for it.
    private static readonly TimeSpan AfterBuilds = TimeSpan.FromHours(1);

    public async Task<GroupReading?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        var reading = await store.ReadDocumentsAsync([DocumentNames.OfGroup(key)], cancellationToken).ConfigureAwait(false);
        return reading.Documents is [var document] ? new(GroupState.Read(document), document, reading.Now) : null;
    }

    /// <summary>Requests the cancellation of a group unless it has ended.</summary>
    /// <returns>The group, or null if there is none.</returns>
    public async Task<GroupState?> CancelAsync(string key, string? reason, BuildMessages messages, CancellationToken cancellationToken)
    {
        while (true)
        {
            var reading = await ReadAsync(key, cancellationToken).ConfigureAwait(false);
            if (reading is not { Group: { Verdict: null, IsCancelled: false } group })
            {
                return reading?.Group;
            }

            var cancelled = group with { IsCancelled = true, CancelReason = reason };
            if (await TrySaveAsync(reading, cancelled, [messages.GroupOf(key)], cancellationToken).ConfigureAwait(false))
            {
                return cancelled;
            }
        }
    }

    /// <summary>Saves a changed group, and publishes messages with it.</summary>
    /// <returns><see langword="false"/> if another save came first, and nothing was done.</returns>
    public Task<bool> TrySaveAsync(
        GroupReading reading, GroupState changed, IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        var document = reading.Document with
        {
            Value = changed.Write(),
            Version = reading.Document.Version + 1,
            ExpiresAt = changed.IsOver ? reading.Now + options.Value.Retention + AfterBuilds : null,
        };
        return store.TryCommitAsync(new() { Documents = [document], Messages = messages }, cancellationToken);
    }
}
