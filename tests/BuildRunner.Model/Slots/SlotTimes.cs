using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Slots;

/// <summary>The steps of the clock.</summary>
internal static class SlotTimes
{
    public static IEnumerable<Step<SlotState>> From(SlotState state)
    {
        // The limit of a trigger is shorter than the time in which its mark is left alone. It begins before the mark is saved.
        var isCreating = IsTriggering(state.First) || IsTriggering(state.Second);
        foreach (var time in new[] { Slot.Pause, Slot.Settling })
        {
            if ((state.Dispatch != time && !state.Builds.Any(build => build.Trigger == time)) || (time == Slot.Settling && isCreating))
            {
                continue;
            }

            yield return new($"time passes: {time}", state with
            {
                Dispatch = state.Dispatch.After(time),
                Builds = [.. state.Builds.Select(build => build with { Trigger = build.Trigger.After(time) })],
                Epoch = (byte)(state.Epoch + (time == Slot.Settling ? 1 : 0)),
            });
        }
    }

    private static bool IsTriggering(SlotWorker worker) => worker.Build != SlotWorker.Dispatch && worker.Call is Call.Save or Call.Create;
}
