using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>
/// Represents a build that was submitted: what it is, how it stands, and what is still to be done about it.
/// </summary>
/// <remarks>
/// Immutable, compared by value, what the orchestration has noted for itself included. All times are by the clock of the store, in whole
/// milliseconds. A build ends once: a terminal status never changes.
/// </remarks>
public sealed record Build
{
    /// <summary>
    /// Gets the id, a version 7 <see cref="Guid"/> that is new for each submission. It is the <see cref="BuildRequest.TriggerKey"/> with
    /// which the runner is called.
    /// </summary>
    public required Guid Id { get; init; }

    /// <summary>
    /// Gets the caller's own name for the build, by which a submission that is repeated is known again.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>
    /// Gets who is woken when the build changes.
    /// </summary>
    public required string OwnerId { get; init; }

    /// <summary>
    /// Gets the name of the runner.
    /// </summary>
    public required string Runner { get; init; }

    /// <summary>
    /// Gets what is built. Its <see cref="BuildRequest.TriggerKey"/> is the <see cref="Id"/>.
    /// </summary>
    public required BuildRequest Request { get; init; }

    /// <summary>
    /// Gets the last status that was known. <see cref="BuildStatus.Accepted"/> for a new build; <see cref="RemoteId"/> tells whether its
    /// runner has it yet.
    /// </summary>
    // On the property too: a JsonStringEnumConverter of the host wins over the converter of the enum.
    [JsonConverter(typeof(BuildStatusJsonConverter))]
    public BuildStatus Status { get; init; } = BuildStatus.Accepted;

    /// <summary>
    /// Gets the runner's id of the build, or <see langword="null"/> until the runner has accepted it. Unique per <see cref="Runner"/> only.
    /// </summary>
    public BuildId? RemoteId { get; init; }

    /// <summary>
    /// Gets what the runner has told about the build, and <see cref="BuildMetadataKeys.FailureKind"/> where it was ended here.
    /// </summary>
    public BuildMetadata Metadata { get; init; } = BuildMetadata.Empty;

    /// <summary>
    /// Gets what a person should know beside the status, or <see langword="null"/> for nothing: why the build was ended here, or what its
    /// runner says that is not understood.
    /// </summary>
    public string? Note
    {
        get => BuildNote.Of(LastingNote, PassingNote);
        init => (LastingNote, PassingNote) = (value, null);
    }

    /// <summary>
    /// Gets why the build is to be cancelled.
    /// </summary>
    [JsonConverter(typeof(JsonStringEnumConverter<BuildCancelCause>))]
    public BuildCancelCause CancelCause { get; init; }

    /// <summary>
    /// Gets when the build was submitted.
    /// </summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>
    /// Gets when something that others can see has last changed.
    /// </summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>
    /// Gets when the runner was first seen to run the build, or <see langword="null"/> if it was not.
    /// </summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>
    /// Gets when the build was seen to have ended, or was ended here, or <see langword="null"/> if it has not.
    /// </summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>
    /// Gets when the build is cancelled if it has not ended before.
    /// </summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>
    /// Gets the number of the change that made this record: 1 for a new one, and one more each time that it is saved.
    /// </summary>
    public long Version { get; init; } = 1;

    /// <summary>The part of the note that stays.</summary>
    internal string? LastingNote { get; init; }

    /// <summary>The part of the note that the next answer of the runner makes void.</summary>
    internal string? PassingNote { get; init; }

    internal BuildBookkeeping Bookkeeping { get; init; } = BuildBookkeeping.None;
}
