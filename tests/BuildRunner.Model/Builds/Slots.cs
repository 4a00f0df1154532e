namespace BuildRunner.Model.Builds;

/// <summary>The rules of the queue for one identity (Q1 to Q5), as far as the handlers see them.</summary>
internal static class Slots
{
    public static bool IsWaiting(this Slot slot) => slot is > Slot.Due and < Slot.Leased;

    public static Slot Published(this Slot slot) => slot >= Slot.Leased ? Slot.Woken : Slot.Due;

    /// <summary>Gets the slot after the message is published for the time after a pause. It only hastens one that is there.</summary>
    public static Slot PublishedLater(this Slot slot) => slot switch
    {
        Slot.Absent => Slot.Pause,
        Slot.Leased => Slot.WokenLater,
        _ when slot.IsWaiting() => Slot.Pause,
        _ => slot,
    };

    public static Slot Settled(this Slot slot, Outcome outcome) => (slot, outcome) switch
    {
        (Slot.Woken, _) or (_, Outcome.Now) => Slot.Due,
        (Slot.WokenLater, _) => Slot.Pause,
        (_, Outcome.Done) => Slot.Absent,
        _ => Slot.Pause + (outcome - Outcome.Pause),
    };

    /// <summary>Gets the slot after a time has passed, which is longer than all times before it.</summary>
    public static Slot After(this Slot slot, Slot time) => slot.IsWaiting() && slot <= time ? Slot.Due : slot == Slot.WokenLater ? Slot.Woken : slot;
}
