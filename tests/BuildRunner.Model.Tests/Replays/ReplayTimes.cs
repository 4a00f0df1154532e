using BuildRunner.Model.Builds;
using BuildRunner.Orchestration;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>The times of the replayed builds. Each is so much longer than those before it that a few of these do not come near it.</summary>
internal static class ReplayTimes
{
    public static readonly TimeSpan Lease = TimeSpan.FromDays(3650);

    public static readonly TimeSpan Timeout = TimeSpan.FromDays(100);

    /// <summary>Gets how far the clock goes on for all messages to be due that wait for a time, late settlements included.</summary>
    public static TimeSpan Of(Slot time) => time switch
    {
        Slot.Pause => TimeSpan.FromSeconds(10),
        Slot.Settling => TimeSpan.FromHours(2.5),
        Slot.Deadline => TimeSpan.FromDays(101),
        Slot.Grace => TimeSpan.FromDays(32),
        _ => TimeSpan.FromDays(5),
    };

    /// <summary>Gets what a message waits for that is due in a time.</summary>
    public static Slot SlotOf(TimeSpan due) =>
        due <= TimeSpan.Zero ? Slot.Due
        : due <= Of(Slot.Pause) ? Slot.Pause
        : due <= Of(Slot.Settling) ? Slot.Settling
        : due <= Of(Slot.LastCall) ? Slot.LastCall
        : due <= Of(Slot.Grace) ? Slot.Grace
        : Slot.Deadline;

    public static void Configure(BuildRunnerOptions options)
    {
        options.CallsPerSecond = null;
        options.TriggerTimeout = TimeSpan.FromHours(1);
        options.CallTimeout = TimeSpan.FromDays(1);
        options.Grace = TimeSpan.FromDays(30);
    }
}
