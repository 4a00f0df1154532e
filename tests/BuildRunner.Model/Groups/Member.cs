using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Groups;

/// <summary>Represents a member: a build, and whether the group's document has its outcome.</summary>
internal readonly record struct Member(bool IsRequired, Status Status, bool IsCancelling, bool IsKnown = false)
{
    public bool IsEnded => Status >= Status.Succeeded;
}
