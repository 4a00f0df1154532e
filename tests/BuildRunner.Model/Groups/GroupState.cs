using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Groups;

/// <summary>Represents a group: its document, its members and its message.</summary>
internal readonly record struct GroupState
{
    public Items<Member> Members { get; init; }

    public byte Version { get; init; }

    public Status Verdict { get; init; }

    public bool IsCancelling { get; init; }

    public Slot Message { get; init; }

    /// <summary>Gets how many verdicts were published to the owner.</summary>
    public byte Verdicts { get; init; }

    public GroupWorker First { get; init; }

    public GroupWorker Second { get; init; }

    public byte Crashes { get; init; }

    public byte Lapses { get; init; }

    public byte Cancels { get; init; }

    public GroupWorker this[int index] => index == 0 ? First : Second;

    public GroupState With(int index, GroupWorker worker) => index == 0 ? this with { First = worker } : this with { Second = worker };
}
