using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Limits;

/// <summary>Represents a build with three limits, its deadline's message and the clock.</summary>
internal readonly record struct LimitState
{
    public Status Status { get; init; }

    /// <summary>Gets a value indicating whether the runner was asked to create it.</summary>
    public bool IsMarked { get; init; }

    public bool HasId { get; init; }

    /// <summary>Gets a value indicating whether it runs at the CI, which is not seen here yet.</summary>
    public bool RunsAtCi { get; init; }

    public bool EndedAtCi { get; init; }

    /// <summary>Gets the limit by which the build is cancelled.</summary>
    public Limit CancelledBy { get; init; }

    /// <summary>Gets the limit that the end names.</summary>
    public Limit EndNames { get; init; }

    /// <summary>Gets for which limit the deadline's message waits, or none while it is due.</summary>
    public Limit Waits { get; init; }

    public bool IsDeadlineThere { get; init; }

    /// <summary>Gets a value indicating whether the time is over that a build may wait for an agent, counted from its id.</summary>
    public bool IsPendingOver { get; init; }

    public bool IsRunOver { get; init; }

    public bool IsTotalOver { get; init; }

    /// <summary>Gets a value indicating whether all of its time was over before the limit of its present state.</summary>
    public bool IsTotalFirst { get; init; }

    /// <summary>Gets a value indicating whether time was counted to a limit that should not have been: with a mistake only.</summary>
    public bool IsOverTooEarly { get; init; }

    public bool IsHeld { get; init; }

    /// <summary>Gets how often the runner may still be held.</summary>
    public byte Holds { get; init; }

    public bool IsTerminal => Status >= Status.Succeeded;
}
