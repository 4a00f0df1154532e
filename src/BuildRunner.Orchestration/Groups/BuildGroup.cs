using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Represents a group of builds and its verdict.</summary>
/// <remarks>Immutable. All times are by the clock of the store, in whole milliseconds. A verdict never changes.</remarks>
public sealed class BuildGroup
{
    /// <summary>Gets the id, a new version 7 <see cref="Guid"/>.</summary>
    public required Guid Id { get; init; }

    /// <summary>Gets the caller's name for the group, which identifies repeated submissions.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the owner of the group and its members.</summary>
    public required string OwnerId { get; init; }

    /// <summary>Gets <see cref="BuildStatus.Running"/> until there is a verdict. Then <see cref="BuildStatus.Succeeded"/> if all required
    /// members have succeeded, <see cref="BuildStatus.Cancelled"/> if the group was cancelled and no required member has failed, and <see
    /// cref="BuildStatus.Failed"/> otherwise.</summary>
    [JsonConverter(typeof(BuildStatusJsonConverter))]
    public required BuildStatus Status { get; init; }

    /// <summary>Gets the members, in the order of the submission, the required ones first.</summary>
    public required IReadOnlyList<BuildGroupMember> Members { get; init; }

    /// <summary>Gets a value indicating whether a required member that does not succeed cancels the others.</summary>
    public required bool FailFast { get; init; }

    /// <summary>Gets a value indicating whether the group was cancelled.</summary>
    public required bool IsCancelled { get; init; }

    /// <summary>Gets who cancelled the group and why, as given, or <see langword="null"/>.</summary>
    public string? CancelReason { get; init; }

    /// <summary>Gets when the group was submitted.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Gets when there was a verdict, or <see langword="null"/> if there is none. With <see cref="FailFast"/>, members may end
    /// later.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
