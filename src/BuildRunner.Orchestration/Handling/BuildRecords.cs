using BuildRunner.Orchestration.Telemetry;
using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Handling;

/// <summary>Reads and saves builds for the steps: what a change is, and who is woken by it, is decided here alone.</summary>
internal sealed class BuildRecords(IBuildStore store, BuildEnds ends, BuildTelemetry telemetry, ILogger<BuildRecords> logger)
{
    public Task<BuildReading> ReadAsync(Guid id, CancellationToken cancellationToken) => store.ReadAsync(id, cancellationToken);

    /// <summary>Reads the build that a message is about.</summary>
    public async Task<BuildReading?> ReadAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        // Other topics may have the id of a message behind that of the build.
        var text = delivery.Message.Id.AsSpan();
        var slash = text.IndexOf('/');
        if (Guid.TryParse(slash < 0 ? text : text[..slash], out var id))
        {
            return await store.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        }

        Log.ForeignMessage(logger, delivery.Topic, delivery.Message.Id);
        return null;
    }

    /// <summary>Saves a change of what was read, with the messages that follow from it.</summary>
    /// <returns>The build as it was saved, or <see langword="null"/> if somebody else has changed it, so that it is to be read and decided anew.</returns>
    public async Task<Build?> TrySaveAsync(BuildReading reading, Build changed, BuildMessages messages, OutgoingMessage? next, CancellationToken cancellationToken)
    {
        var before = reading.Build!;
        var after = changed with
        {
            Version = before.Version + 1,
            UpdatedAt = IsSeen(before, changed) ? reading.Now : before.UpdatedAt,
            StartedAt = before.StartedAt ?? (changed.Status == BuildStatus.Running ? reading.Now : null),
            EndedAt = before.EndedAt ?? (changed.Status.IsTerminal() ? reading.Now : null),
        };
        List<OutgoingMessage> publications = next is null ? [] : [next];
        if (before.Status != after.Status)
        {
            publications.Add(messages.ChangeOf(after));
        }

        if (!await store.TryUpdateAsync(after, publications, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        if (after.Status.IsTerminal())
        {
            ends.Note(after.Id);
        }

        telemetry.Changed(before, after);
        return after;
    }

    private static bool IsSeen(Build before, Build after) =>
        before.Status != after.Status || before.BuildId != after.BuildId || before.CancelCause != after.CancelCause || before.Note != after.Note || !before.Metadata.Equals(after.Metadata);
}
