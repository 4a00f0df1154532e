using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Represents a group, as its document has it.</summary>
internal sealed record GroupState
{
    public required Guid Id { get; init; }

    public required string Key { get; init; }

    public required string OwnerId { get; init; }

    public required bool FailFast { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required IReadOnlyList<BuildGroupMember> Members { get; init; }

    public bool IsCancelled { get; init; }

    public string? CancelReason { get; init; }

    /// <summary>The verdict, or null. It is set once.</summary>
    public BuildStatus? Verdict { get; init; }

    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Whether nothing can happen to it any more. A group that fails fast has its verdict before all members have ended.</summary>
    [JsonIgnore]
    public bool IsOver => Verdict is not null && Members.All(static member => member.Outcome is not null);

    public static GroupState Read(BuildDocument document) => JsonSerializer.Deserialize(document.Value, DocumentJson.Default.GroupState)!;

    public string Write() => JsonSerializer.Serialize(this, DocumentJson.Default.GroupState);

    public BuildGroup ToGroup() => new()
    {
        Id = Id,
        Key = Key,
        OwnerId = OwnerId,
        Status = Verdict ?? BuildStatus.Running,
        Members = Members,
        FailFast = FailFast,
        IsCancelled = IsCancelled,
        CancelReason = CancelReason,
        CreatedAt = CreatedAt,
        EndedAt = EndedAt,
    };
}
