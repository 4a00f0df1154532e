using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Represents a submitted build and its state.</summary>
/// <remarks>Immutable, compared by value, including internal state. All times are by the clock of the store, in whole milliseconds. A
/// terminal status never changes.</remarks>
public sealed record Build
{
    /// <summary>Gets the id, a new version 7 <see cref="Guid"/> and the <see cref="BuildRequest.TriggerKey"/> of the first
    /// attempt.</summary>
    public required Guid Id { get; init; }

    /// <summary>Gets the caller's name for the build, which identifies repeated submissions.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the owner of the build.</summary>
    public required string OwnerId { get; init; }

    /// <summary>Gets the name of the runner.</summary>
    public required string Runner { get; init; }

    /// <summary>Gets what is built. Its <see cref="BuildRequest.TriggerKey"/> is that of the current attempt.</summary>
    public required BuildRequest Request { get; init; }

    /// <summary>Gets the last known status. A new build is <see cref="BuildStatus.Accepted"/>, and so is one that is tried again; <see
    /// cref="RemoteId"/> shows whether its runner has it.</summary>
    // A JsonStringEnumConverter of the host would override the converter of the enum, but not of the property.
    [JsonConverter(typeof(BuildStatusJsonConverter))]
    public BuildStatus Status { get; init; } = BuildStatus.Accepted;

    /// <summary>Gets the runner's id of the build, or <see langword="null"/> until the runner has accepted it. Unique per <see
    /// cref="Runner"/> only.</summary>
    public BuildId? RemoteId { get; init; }

    /// <summary>Gets the metadata from the runner, with <see cref="BuildMetadataKeys.FailureKind"/> if the orchestration ended the
    /// build.</summary>
    public BuildMetadata Metadata { get; init; } = BuildMetadata.Empty;

    /// <summary>Gets a note for people, or <see langword="null"/>: why the orchestration ended the build, what is wrong with the runner's
    /// setup, or a state that is not understood.</summary>
    public string? Note
    {
        get => BuildNote.Of(LastingNote, PassingNote);
        init => (LastingNote, PassingNote) = (value, null);
    }

    /// <summary>Gets why the build is being cancelled.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<BuildCancelCause>))]
    public BuildCancelCause CancelCause { get; init; }

    /// <summary>Gets who cancelled the build and why, as given, or <see langword="null"/>.</summary>
    public string? CancelReason { get; init; }

    /// <summary>Gets the number of the current attempt: 1 for the first.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Gets the priority among the builds that wait for their runner: 0 to 100, the higher goes first.</summary>
    public int Priority { get; init; } = BuildSubmission.DefaultPriority;

    /// <summary>Gets the owner's tag, or <see langword="null"/>.</summary>
    public string? Tag { get; init; }

    /// <summary>Gets the key of the group of the build, or <see langword="null"/> for none.</summary>
    public string? GroupKey { get; init; }

    /// <summary>Gets when the build was submitted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Gets when the public state last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>Gets when the runner accepted the current attempt, or <see langword="null"/> if it has not.</summary>
    public DateTimeOffset? AcceptedAt { get; init; }

    /// <summary>Gets when the current attempt was first seen running, or <see langword="null"/> if it was not.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Gets when the build was seen to have ended or the orchestration ended it, or <see langword="null"/> if it has not
    /// ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Gets when the build is cancelled unless it has ended.</summary>
    public required DateTimeOffset Deadline { get; init; }

    /// <summary>Gets the version of the record: 1 for a new build, incremented by each save.</summary>
    public long Version { get; init; } = 1;

    /// <summary>The lasting part of the note.</summary>
    internal string? LastingNote { get; init; }

    /// <summary>The part of the note that the next answer of the runner clears.</summary>
    internal string? PassingNote { get; init; }

    /// <summary>The lines that the next update appends to the history, or null. Stores do not return it.</summary>
    internal string? NewHistory { get; init; }

    internal BuildPolicy Policy { get; init; } = BuildPolicy.None;

    internal BuildBookkeeping Bookkeeping { get; init; } = BuildBookkeeping.None;

    /// <summary>Gets the build as stores return it.</summary>
    internal Build WithoutHistory() => NewHistory is null ? this : this with { NewHistory = null };
}
