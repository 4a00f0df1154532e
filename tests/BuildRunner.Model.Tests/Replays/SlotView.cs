using BuildRunner.Model.Builds;
using BuildRunner.Model.Slots;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>What of a runner with a limit can be seen in the model and in the product.</summary>
internal sealed record SlotView
{
    public string Builds { get; init; } = "";

    public Slot Dispatch { get; init; }

    public bool IsHeld { get; init; }

    public bool IsRefusing { get; init; }

    public bool IsSubmitting { get; init; }

    public string Workers { get; init; } = "";

    public static SlotView Of(SlotState state) => new()
    {
        Builds = string.Join(' ', state.Builds.Select(static build => Of(build, build.Mark != 0))),
        Dispatch = state.Dispatch,
        IsHeld = state.IsHeld,
        IsRefusing = state.IsRefusing,
        IsSubmitting = state.IsSubmitting,
        Workers = $"{Of(state.First)} {Of(state.Second)}",
    };

    /// <summary>Gets the text of a build. Of one that has ended, only how it is at the CI.</summary>
    public static string Of(SlotBuild build, bool isMarked) => build.IsEnded
        ? $"(ended, {build.Trigger}, {build.AtCi}{(build.HasSlot ? ", slot" : "")})"
        : $"({build.Trigger}, {build.AtCi}{(build.IsInLine ? ", line" : "")}{(build.HasSlot ? ", slot" : "")}{(isMarked ? ", mark" : "")}{(build.HasId ? ", id" : "")}{(build.IsCancelling ? ", cancelling" : "")})";

    private static string Of(SlotWorker worker) => worker.Call == Call.None ? "-"
        : ReplayView.Of(worker.Build == SlotWorker.Dispatch ? "dispatch" : $"build {worker.Build}", worker.Call, worker.IsHolder, isLate: false);
}
