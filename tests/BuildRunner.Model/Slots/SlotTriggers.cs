using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Slots;

/// <summary>The handler that triggers a build: it joins the line, or marks the build under the version of the runner's document, calls, and saves the answer.</summary>
internal sealed class SlotTriggers(bool finds, SlotMutation mutation)
{
    // What this process knows of the runner is read with the build, unless that is a hold, which may be over.
    public SlotState Begin(SlotState state, int index, SlotWorker worker)
    {
        var build = state.Builds[worker.Build];
        if (build.IsEnded || build.HasId)
        {
            return End(state, index, worker, Outcome.Done);
        }

        worker = Asking(state, worker);
        if (build.Mark == 0)
        {
            return Decide(state, index, worker);
        }

        if (build.Mark == state.Epoch)
        {
            return End(mutation == SlotMutation.UnknownFreesSlot ? state.With(worker.Build, build with { HasSlot = false }).Dispatching : state, index, worker, Outcome.Settling);
        }

        return finds ? state.With(index, worker with { Call = Call.Find })
            : End(Ended(state, worker.Build) is var ended ? ended.With(worker.Build, ended.Builds[worker.Build] with { IsAbandoned = true }) : state, index, worker, Outcome.Done);
    }

    /// <summary>Makes the next call, save or settlement of a handler.</summary>
    public Step<SlotState> Next(SlotState state, int index, SlotWorker worker)
    {
        var (who, build) = ($"{SlotModel.Name(index)}, build {worker.Build},", state.Builds[worker.Build]);
        switch (worker.Call)
        {
            case Call.Find:
                return new($"{who} looks up", build.AtCi != AtCi.Absent ? state.With(index, To(Call.Read, worker)) : NothingFound(state, index, worker));
            case Call.Save:
                // On a conflict everything is read and decided again.
                var isConflict = build.Record != worker.Asked || (state.Version != worker.Version && mutation != SlotMutation.MarksUnseen);
                return isConflict ? new($"{who} loses its mark", Decide(state, index, worker))
                    : new($"{who} marks", state.With(worker.Build, build with { Mark = state.Epoch }).With(index, To(Call.Create, worker)))
                    {
                        Violation = state.IsHeld && worker.Asked.Mark == 0 ? "O17: a build is marked after the hold" : null,
                    };
            case Call.Create:
                return new(
                    $"{who} triggers",
                    state.With(worker.Build, build with { AtCi = build.AtCi == AtCi.Absent ? AtCi.Running : build.AtCi }).With(index, To(Call.Read, worker)));
            case Call.Read:
                return new($"{who} saves the answer", End(state.With(worker.Build, Adopted(build)), index, worker, Outcome.Done));
            default:
                var free = state.With(index, default(SlotWorker));
                return new(
                    $"{who} settles",
                    worker.IsHolder ? free.With(worker.Build, build with { Trigger = build.Trigger.Settled(worker.Outcome) }) : free);
        }
    }

    public SlotState Ended(SlotState state, int number)
    {
        var build = state.Builds[number];
        var ended = state.With(number, build with { IsEnded = true, IsInLine = false, HasSlot = build.HasSlot && mutation == SlotMutation.FreesLater });
        return build.HasSlot && mutation != SlotMutation.FreesLater ? ended.Dispatching : ended;
    }

    private static SlotState End(SlotState state, int index, SlotWorker worker, Outcome outcome) =>
        state.With(index, new SlotWorker { Build = worker.Build, Call = Call.Settle, Outcome = outcome, IsHolder = worker.IsHolder });

    // What it no longer needs is forgotten.
    private static SlotWorker To(Call call, SlotWorker worker) => new() { Build = worker.Build, Call = call, IsHolder = worker.IsHolder };

    private static SlotWorker Asking(SlotState state, SlotWorker worker) => worker with
    {
        Asked = state.Builds[worker.Build].Record,
        Version = state.Version,
        WasHeld = state.IsHeld,
    };

    // What is not needed any more is cancelled.
    private static SlotBuild Adopted(SlotBuild build) => build.HasId ? build
        : build.IsEnded ? build with { AtCi = AtCi.Ended }
        : build with { HasId = true, HasSlot = true, IsInLine = false };

    // It decides about what was read before the look-up, and reads the document only if the runner was held then.
    private SlotState NothingFound(SlotState state, int index, SlotWorker worker) =>
        worker.Asked.IsCancelling || (worker.WasHeld && state.IsHeld) ? Decide(state, index, worker)
            : state.With(index, worker with { Call = Call.Save, Version = worker.WasHeld ? state.Version : worker.Version });

    // A mark that has changed has another outcome.
    private SlotState Decide(SlotState state, int index, SlotWorker worker)
    {
        var build = state.Builds[worker.Build];
        if (build.IsEnded || build.HasId)
        {
            return End(state, index, worker, Outcome.Done);
        }

        if (build.Mark != worker.Asked.Mark)
        {
            return End(state, index, worker, build.Mark == state.Epoch ? Outcome.Settling : Outcome.Now);
        }

        if (build.IsCancelling)
        {
            return End(Ended(state, worker.Build), index, worker, Outcome.Done);
        }

        if (build.IsInLine)
        {
            return End(state, index, worker, Outcome.Done);
        }

        if (build.HasSlot && !state.IsHeld)
        {
            return state.With(index, Asking(state, worker) with { Call = Call.Save });
        }

        var waiting = state.With(worker.Build, build with { IsInLine = true, HasSlot = false, Mark = 0 });
        return End(mutation == SlotMutation.JoinsSilently ? waiting : waiting.Dispatching, index, worker, Outcome.Done);
    }
}
