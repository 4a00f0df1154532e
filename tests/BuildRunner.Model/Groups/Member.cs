using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Groups;

/// <summary>Represents a member: a build.</summary>
internal readonly record struct Member(bool IsRequired, Status Status, bool IsCancelling)
{
    public bool IsEnded => Status >= Status.Succeeded;
}
