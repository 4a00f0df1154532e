namespace BuildRunner.Orchestration;

/// <summary>Represents a request to create a group of builds with one verdict.</summary>
/// <remarks>Immutable.</remarks>
public sealed class BuildGroupSubmission
{
    /// <summary>The maximum length of the key of a group, in characters.</summary>
    public const int MaxKeyLength = 200;

    /// <summary>The maximum number of members of a group.</summary>
    public const int MaxMembers = 100;

    /// <summary>Gets the caller's name for the group: 1 to 200 characters, without U+0000 and ill-formed UTF-16. Submitting the same again
    /// returns the existing group, until the retention of the last of its builds is over. After that it is a new group.</summary>
    public required string Key { get; init; }

    /// <summary>Gets the builds that must succeed for the group to succeed. All members have the same owner and different keys; there are 1
    /// to 100, with <see cref="Optional"/>.</summary>
    public required IReadOnlyList<BuildSubmission> Required { get; init; }

    /// <summary>Gets the builds that do not count for the verdict. The default is none.</summary>
    public IReadOnlyList<BuildSubmission> Optional { get; init; } = [];

    /// <summary>Gets a value indicating whether the group fails, and its other members are cancelled, as soon as a required one has not
    /// succeeded. Otherwise all run to their ends. The default is <see langword="false"/>.</summary>
    public bool FailFast { get; init; }
}
