using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Slots;

/// <summary>
/// Builds in flight (O16) and the hold of a runner (O17). A slot is a field of the build, from letting it in to its end; who lets in reads the version of the runner's document, then counts, then commits both.
/// </summary>
/// <param name="start">The builds, and what may go wrong.</param>
/// <param name="finds">Whether the runner can look up a build by its key.</param>
/// <param name="most">How many builds may be in flight.</param>
/// <param name="mutation">The mistake, if any.</param>
internal sealed class SlotModel(SlotState start, bool finds = true, byte most = 1, SlotMutation mutation = SlotMutation.None) : IModel<SlotState>
{
    public SlotState Start => start;

    /// <summary>Creates a state with so many new builds.</summary>
    public static SlotState With(int builds) => new()
    {
        Builds = [.. Enumerable.Repeat(new SlotBuild { Trigger = Slot.Due }, builds)],
        Epoch = 1,
    };

    public IEnumerable<Step<SlotState>> StepsFrom(SlotState state) =>
        WorkersFrom(state).Concat(ClaimsFrom(state)).Concat(BuildsFrom(state)).Concat(SlotTimes.From(state)).Concat(PeopleFrom(state));

    public IEnumerable<string> Judge(SlotState state, bool isEnd)
    {
        if (state.InUse > most)
        {
            yield return "O16: more slots in use than there are";
        }

        if (state.Builds.Count(static build => build is { AtCi: AtCi.Running, IsAbandoned: false }) > most)
        {
            yield return "O16: more builds at the runner than it may have";
        }

        if (isEnd && state.Builds.Any(static build => !build.IsEnded))
        {
            yield return "O9: a build waits for ever";
        }
    }

    private static string Name(int index) => index == 0 ? "one" : "two";

    private IEnumerable<Step<SlotState>> ClaimsFrom(SlotState state)
    {
        var free = state.First.Call == Call.None ? 0 : 1;
        if (state[free].Call != Call.None)
        {
            yield break;
        }

        for (sbyte number = 0; number < state.Builds.Count; number++)
        {
            if (state.Builds[number].Trigger == Slot.Due)
            {
                var leased = state.With(number, state.Builds[number] with { Trigger = Slot.Leased });
                yield return new($"{Name(free)} takes build {number}", Begin(leased, free, new() { Build = number, IsHolder = true }));
            }
        }

        if (state.Dispatch == Slot.Due)
        {
            yield return new(
                $"{Name(free)} takes the dispatch",
                ReadControl(state with { Dispatch = Slot.Leased }, free, new() { Build = SlotWorker.Dispatch, IsHolder = true }));
        }
    }

    private IEnumerable<Step<SlotState>> WorkersFrom(SlotState state)
    {
        for (var index = 0; index < 2; index++)
        {
            var worker = state[index];
            if (worker.Call == Call.None)
            {
                continue;
            }

            yield return worker.Build == SlotWorker.Dispatch ? NextOfDispatch(state, index, worker) : NextOfTrigger(state, index, worker);
            var released = !worker.IsHolder ? state
                : worker.Build == SlotWorker.Dispatch ? state with { Dispatch = Slot.Due }
                : state.With(worker.Build, state.Builds[worker.Build] with { Trigger = Slot.Due });
            if (state.Crashes > 0)
            {
                yield return Step.Fault(
                    $"{Name(index)} crashes",
                    released.With(index, default(SlotWorker)) with { Crashes = (byte)(state.Crashes - 1) });
            }

            if (state.Lapses > 0 && worker.IsHolder)
            {
                yield return Step.Fault(
                    $"{Name(index)} loses its lease",
                    released.With(index, worker with { IsHolder = false }) with { Lapses = (byte)(state.Lapses - 1) });
            }
        }
    }

    private static SlotState End(SlotState state, int index, SlotWorker worker, Outcome outcome) =>
        state.With(index, new SlotWorker { Build = worker.Build, Call = Call.Settle, Outcome = outcome, IsHolder = worker.IsHolder });

    private static SlotState Dispatching(SlotState state) => state with { Dispatch = state.Dispatch.Published() };

    // Whether it is held is read with the build.
    private SlotState Begin(SlotState state, int index, SlotWorker worker)
    {
        var build = state.Builds[worker.Build];
        if (build.IsEnded || build.HasId)
        {
            return End(state, index, worker, Outcome.Done);
        }

        if (build.Mark != 0)
        {
            if (build.Mark == state.Epoch)
            {
                return End(mutation == SlotMutation.UnknownFreesSlot ? Dispatching(state.With(worker.Build, build with { HasSlot = false })) : state, index, worker, Outcome.Settling);
            }

            return finds ? state.With(index, worker with { Call = Call.Find, Mark = build.Mark })
                : End(Ended(state, worker.Build) is var ended ? ended.With(worker.Build, ended.Builds[worker.Build] with { IsAbandoned = true }) : state, index, worker, Outcome.Done);
        }

        if (build.IsCancelling)
        {
            return End(Ended(state, worker.Build), index, worker, Outcome.Done);
        }

        if (!build.HasSlot || state.IsHeld)
        {
            var waiting = state.With(worker.Build, build with { IsInLine = true, HasSlot = false });
            return End(mutation == SlotMutation.JoinsSilently || build.IsInLine ? waiting : Dispatching(waiting), index, worker, Outcome.Done);
        }

        return state.With(index, worker with { Call = Call.Save, Version = state.Version, Mark = 0 });
    }

    private Step<SlotState> NextOfTrigger(SlotState state, int index, SlotWorker worker)
    {
        var (who, build) = ($"{Name(index)}, build {worker.Build},", state.Builds[worker.Build]);
        switch (worker.Call)
        {
            case Call.Find:
                return new($"{who} looks up", build.AtCi != AtCi.Absent ? state.With(index, worker with { Call = Call.Read })
                    : build.IsEnded || build.HasId || build.Mark != worker.Mark ? End(state, index, worker, Outcome.Now)
                    : build.IsCancelling ? End(Ended(state, worker.Build), index, worker, Outcome.Done)
                    : state.With(index, worker with { Call = Call.Save, Version = state.Version }));
            case Call.Save:
                // On a conflict everything is read and decided again.
                var isConflict = build.IsEnded || build.HasId || build.Mark != worker.Mark || !build.HasSlot || build.IsCancelling || (state.Version != worker.Version && mutation != SlotMutation.MarksUnseen);
                return isConflict ? new($"{who} loses its mark", Begin(state, index, worker))
                    : new(
                        $"{who} marks",
                        state.With(worker.Build, build with { Mark = state.Epoch }).With(index, worker with { Call = Call.Create }) with { Version = (byte)(state.Version + 1) })
                    {
                        Violation = state.IsHeld && worker.Mark == 0 ? "O17: a build is marked after the hold" : null,
                    };
            case Call.Create:
                return new(
                    $"{who} triggers",
                    state.With(worker.Build, build with { AtCi = build.AtCi == AtCi.Absent ? AtCi.Running : build.AtCi }).With(index, worker with { Call = Call.Read }));
            case Call.Read:
                // The answer of the runner: what is not needed any more is cancelled.
                return new(
                    $"{who} saves the answer",
                    End(state.With(worker.Build, build.IsEnded ? build with { AtCi = AtCi.Ended } : build with { HasId = true }), index, worker, Outcome.Done));
            default:
                var free = state.With(index, default(SlotWorker));
                return new(
                    $"{who} settles",
                    worker.IsHolder ? free.With(worker.Build, build with { Trigger = build.Trigger.Settled(worker.Outcome) }) : free);
        }
    }

    private SlotState ReadControl(SlotState state, int index, SlotWorker worker) =>
        state.With(index, worker with
        {
            Call = Call.Find,
            Version = state.Version,
            Counted = mutation == SlotMutation.CountsFirst ? state.InUse : (byte)0,
        });

    private Step<SlotState> NextOfDispatch(SlotState state, int index, SlotWorker worker)
    {
        var who = $"{Name(index)}, dispatch,";
        switch (worker.Call)
        {
            case Call.Find:
                return new(
                    $"{who} counts",
                    state.With(index, worker with
                    {
                        Call = Call.Save,
                        Counted = mutation == SlotMutation.CountsFirst ? worker.Counted : state.InUse,
                        Version = mutation == SlotMutation.CountsFirst ? state.Version : worker.Version,
                    }));
            case Call.Save:
                var next = state.Builds.IndexOf(static build => build is { IsInLine: true, IsEnded: false });
                if (state.Version != worker.Version && mutation != SlotMutation.ComparesNothing)
                {
                    return new($"{who} loses its commit", ReadControl(state, index, worker));
                }

                if (next < 0 || state.IsHeld || worker.Counted >= most)
                {
                    return new($"{who} lets nobody in", End(state, index, worker, next < 0 ? Outcome.Done : Outcome.Pause));
                }

                var build = state.Builds[next];
                var letIn = state.With(next, build with { IsInLine = false, HasSlot = true, Trigger = build.Trigger.Published() }) with { Version = (byte)(state.Version + 1) };
                return new($"{who} lets build {next} in", ReadControl(letIn, index, worker));
            default:
                var free = state.With(index, default(SlotWorker));
                return new($"{who} settles", worker.IsHolder ? free with { Dispatch = state.Dispatch.Settled(worker.Outcome) } : free);
        }
    }

    private SlotState Ended(SlotState state, int number)
    {
        var build = state.Builds[number] with { IsEnded = true, IsInLine = false };
        return mutation == SlotMutation.FreesLater ? state.With(number, build) : Dispatching(state.With(number, build with { HasSlot = false }));
    }

    private IEnumerable<Step<SlotState>> BuildsFrom(SlotState state)
    {
        for (var number = 0; number < state.Builds.Count; number++)
        {
            var build = state.Builds[number];
            if (build.AtCi == AtCi.Running)
            {
                yield return new($"build {number} ends at the CI", state.With(number, build with { AtCi = AtCi.Ended }));
            }

            if (build is { HasId: true, IsEnded: false } && (build.AtCi == AtCi.Ended || build.IsCancelling))
            {
                var polled = Ended(state, number);
                yield return new($"build {number} is polled", polled.With(number, polled.Builds[number] with { AtCi = AtCi.Ended }));
            }

            if (mutation == SlotMutation.FreesLater && build is { IsEnded: true, HasSlot: true } && state.Crashes > 0)
            {
                yield return Step.Fault(
                    $"build {number} gives its slot back",
                    Dispatching(state.With(number, build with { HasSlot = false })));
            }
        }
    }

    private IEnumerable<Step<SlotState>> PeopleFrom(SlotState state)
    {
        for (var number = 0; number < state.Builds.Count && state.Cancels > 0; number++)
        {
            var build = state.Builds[number];
            if (build is { IsCancelling: false, IsEnded: false })
            {
                var cancelling = build with { IsCancelling = true, Trigger = build.HasId ? build.Trigger : build.Trigger.Published() };
                yield return Step.Fault(
                    $"a caller cancels build {number}",
                    state.With(number, cancelling) with { Cancels = (byte)(state.Cancels - 1) });
            }
        }

        if (state is { Callers: > 0, IsSubmitting: false } && (!state.IsRefusing || mutation == SlotMutation.RefusesNothing))
        {
            yield return new("a caller reads that the runner takes builds", state with { IsSubmitting = true, Callers = 0 })
            {
                IsFault = true,
                Violation = state.IsRefusing ? "O17: a submission that began after the switch is not refused" : null,
            };
        }

        if (state.IsSubmitting)
        {
            yield return new(
                "a caller submits",
                state with { IsSubmitting = false, Builds = state.Builds.Plus(new() { Trigger = Slot.Due }) });
        }

        if (state is { IsRefusing: false, Holds: > 0 })
        {
            yield return Step.Fault(
                "the runner refuses",
                state with { IsRefusing = true, Version = (byte)(state.Version + 1), Holds = (byte)(state.Holds - 1) });
        }

        if (state.IsHeld)
        {
            yield return new("the hold is lifted", Dispatching(state) with { IsHeld = false, Version = (byte)(state.Version + 1) });
        }
        else if (state.Holds > 0)
        {
            yield return Step.Fault(
                "the runner is held",
                state with { IsHeld = true, Version = (byte)(state.Version + 1), Holds = (byte)(state.Holds - 1) });
        }
    }
}
