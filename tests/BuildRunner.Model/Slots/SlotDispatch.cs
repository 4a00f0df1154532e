using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Slots;

/// <summary>The handler that lets builds in: it reads the documents of the runner and its line, counts, and commits the build with the line.</summary>
internal sealed class SlotDispatch(byte most, SlotMutation mutation)
{
    public SlotState Begin(SlotState state, int index, SlotWorker worker) =>
        state.With(index, new SlotWorker
        {
            Build = worker.Build,
            Call = Call.Find,
            Version = state.LineVersion,
            WasHeld = state.IsHeld,
            Counted = mutation == SlotMutation.CountsFirst ? state.InUse : (byte)0,
            IsHolder = worker.IsHolder,
        });

    /// <summary>Makes the next call, save or settlement of a handler.</summary>
    public Step<SlotState> Next(SlotState state, int index, SlotWorker worker)
    {
        var who = $"{SlotModel.Name(index)}, dispatch,";
        switch (worker.Call)
        {
            case Call.Find:
                return new($"{who} counts", Counted(state, index, worker));
            case Call.Save:
                var build = state.Builds[worker.Picked];
                if (build.Record != worker.Asked || (state.LineVersion != worker.Version && mutation != SlotMutation.ComparesNothing))
                {
                    return new($"{who} loses its commit", Begin(state, index, worker));
                }

                var letIn = state.With(worker.Picked, build with { IsInLine = false, HasSlot = true, Trigger = build.Trigger.Published() });
                return new($"{who} lets build {worker.Picked} in", Begin(letIn with { LineVersion = (byte)(state.LineVersion + 1) }, index, worker));
            default:
                var free = state.With(index, default(SlotWorker));
                return new($"{who} settles", worker.IsHolder ? free with { Dispatch = state.Dispatch.Settled(worker.Outcome) } : free);
        }
    }

    private SlotState Counted(SlotState state, int index, SlotWorker worker)
    {
        var inUse = mutation == SlotMutation.CountsFirst ? worker.Counted : state.InUse;
        var next = state.Builds.IndexOf(static build => build.IsInLine);
        return next < 0 ? End(state, index, worker, Outcome.Done)
            : worker.WasHeld || inUse >= most ? End(state, index, worker, Outcome.Pause)
            : state.With(index, worker with
            {
                Call = Call.Save,
                Picked = (sbyte)next,
                Asked = state.Builds[next].Record,
                Version = mutation == SlotMutation.CountsFirst ? state.LineVersion : worker.Version,
                WasHeld = false,
                Counted = 0,
            });
    }

    private static SlotState End(SlotState state, int index, SlotWorker worker, Outcome outcome) =>
        state.With(index, new SlotWorker { Build = worker.Build, Call = Call.Settle, Outcome = outcome, IsHolder = worker.IsHolder });
}
