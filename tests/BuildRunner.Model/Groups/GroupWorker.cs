using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Groups;

/// <summary>Represents a handler of the group's message.</summary>
internal readonly record struct GroupWorker
{
    public Call Call { get; init; }

    public byte Version { get; init; }

    /// <summary>Gets of which members the outcome was known, and then is to be saved.</summary>
    public Items<Member> Seen { get; init; }

    /// <summary>Gets the verdict as it was read, and then as it is to be saved.</summary>
    public Status Verdict { get; init; }

    /// <summary>Gets a value indicating whether the group was being cancelled.</summary>
    public bool IsCancelling { get; init; }

    /// <summary>Gets a value indicating whether there is something to save.</summary>
    public bool Saves { get; init; }

    public bool IsHolder { get; init; }
}
