using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Groups;

/// <summary>Represents a handler of the group's message.</summary>
internal readonly record struct GroupWorker
{
    public Call Call { get; init; }

    public byte Version { get; init; }

    /// <summary>Gets the members as they were read.</summary>
    public Items<Member> Seen { get; init; }

    public Status Verdict { get; init; }

    public bool IsHolder { get; init; }
}
