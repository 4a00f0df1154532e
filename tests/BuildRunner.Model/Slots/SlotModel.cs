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
    private readonly SlotTriggers _triggers = new(finds, mutation);
    private readonly SlotDispatch _dispatch = new(most, mutation);

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

    public static string Name(int index) => index == 0 ? "one" : "two";

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
                yield return new($"{Name(free)} takes build {number}", _triggers.Begin(leased, free, new() { Build = number, IsHolder = true }));
            }
        }

        if (state.Dispatch == Slot.Due)
        {
            yield return new(
                $"{Name(free)} takes the dispatch",
                _dispatch.Begin(state with { Dispatch = Slot.Leased }, free, new() { Build = SlotWorker.Dispatch, IsHolder = true }));
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

            yield return worker.Build == SlotWorker.Dispatch ? _dispatch.Next(state, index, worker) : _triggers.Next(state, index, worker);
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
                var polled = _triggers.Ended(state, number);
                yield return new($"build {number} is polled", polled.With(number, polled.Builds[number] with { AtCi = AtCi.Ended }));
            }

            if (mutation == SlotMutation.FreesLater && build is { IsEnded: true, HasSlot: true } && state.Crashes > 0)
            {
                yield return Step.Fault(
                    $"build {number} gives its slot back",
                    state.With(number, build with { HasSlot = false }).Dispatching);
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

        if (state is { Callers: > 0, IsRefusing: true })
        {
            yield return Step.Fault("a caller is refused", state with { Callers = 0 });
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
            yield return new("the hold is lifted", state.Dispatching with { IsHeld = false, Version = (byte)(state.Version + 1) });
        }
        else if (state.Holds > 0)
        {
            yield return Step.Fault(
                "the runner is held",
                state with { IsHeld = true, Version = (byte)(state.Version + 1), Holds = (byte)(state.Holds - 1) });
        }
    }
}
