using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Represents a build of a group.</summary>
/// <remarks>Immutable, compared by value.</remarks>
public sealed record BuildGroupMember
{
    /// <summary>Gets the <see cref="Build.Id"/>.</summary>
    public required Guid BuildId { get; init; }

    /// <summary>Gets the <see cref="Build.Key"/>.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the <see cref="Build.Runner"/>.</summary>
    public required string Runner { get; init; }

    /// <summary>Gets a value indicating whether it must succeed for the group to succeed.</summary>
    public required bool IsRequired { get; init; }

    /// <summary>Gets how the build has ended, or <see langword="null"/> if the group does not know of an end.</summary>
    [JsonConverter(typeof(BuildStatusJsonConverter))]
    public BuildStatus? Outcome { get; init; }

    /// <summary>Gets why the member counts as failed if the end of its build cannot be known, or <see langword="null"/>. Its build is gone,
    /// or cannot be read.</summary>
    public string? Note { get; init; }
}
