using BuildRunner.Model.Builds;
using BuildRunner.Model.Limits;
using BuildRunner.Orchestration;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>What of a build with three limits can be seen in the model and in the product.</summary>
internal sealed record LimitView
{
    public string Status { get; init; } = "";

    public bool IsMarked { get; init; }

    public bool HasId { get; init; }

    public Limit CancelledBy { get; init; }

    public Limit EndNames { get; init; }

    public Slot Deadline { get; init; }

    public bool IsHeld { get; init; }

    public static LimitView Of(LimitState state) => new()
    {
        Status = $"{state.Status}",
        IsMarked = state.IsMarked,
        HasId = state.HasId,
        CancelledBy = state.CancelledBy,
        EndNames = state.EndNames,
        Deadline = !state.IsDeadlineThere ? Slot.Absent : SlotOf(state.Waits),
        IsHeld = state.IsHeld,
    };

    public static LimitView Of(Build build) => new()
    {
        Status = $"{build.Status}",
        IsMarked = build.Bookkeeping.TriggerAttemptedAt is not null,
        HasId = build.RemoteId is not null,
        CancelledBy = build.CancelCause != BuildCancelCause.Deadline ? Limit.None : LimitOf(BuildLimits.NameOf(build.Bookkeeping.TimeoutOf)),
        EndNames = LimitOf(build.Metadata.GetValueOrDefault(BuildLimits.MetadataKey)),
    };

    /// <summary>Gets the time that a message waits for, of three that are each much longer than the one before.</summary>
    public static Slot SlotOf(Limit limit) => limit switch { Limit.None => Slot.Due, Limit.Pending => Slot.Pause, Limit.Run => Slot.Settling, _ => Slot.Deadline };

    private static Limit LimitOf(string? name) => name is null ? Limit.None : Enum.Parse<Limit>(name, ignoreCase: true);
}
