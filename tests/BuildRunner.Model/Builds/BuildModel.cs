using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Builds;

/// <summary>
/// One build from its submission to the last word to its owner (O1 to O10), in steps of one call each, as the handlers make them.
/// </summary>
/// <param name="faults">What may go wrong, and how often.</param>
/// <param name="finds">Whether the runner can look up a build by its key.</param>
/// <param name="stops">Whether the CI stops a build that is cancelled. One that does not never ends.</param>
/// <param name="mutation">The mistake, if any.</param>
internal sealed class BuildModel(Faults faults, bool finds = true, bool stops = true, Mutation mutation = Mutation.None) : IModel<BuildState>
{
    private readonly Handlers _handlers = new(finds, stops, mutation);

    public BuildState Start => new() { Left = faults };

    public IEnumerable<Step<BuildState>> StepsFrom(BuildState state)
    {
        if (!state.IsSubmitted)
        {
            yield return new("a caller submits", state with { IsSubmitted = true, Trigger = Slot.Due, Deadline = Slot.Deadline });
            yield break;
        }

        // Nobody else looks at what the owner was told, so it is enough to tell while nobody is at work.
        if (state.Changes > 0 && state.First.IsIdle && state.Second.IsIdle)
        {
            yield return new("the owner is told", state with { Changes = (byte)(state.Changes - 1), Told = state.Record.Status });
        }

        foreach (var step in WorkersFrom(state).Concat(TimesFrom(state)).Concat(CiFrom(state)).Concat(CallersFrom(state)))
        {
            yield return step;
        }
    }

    public IEnumerable<string> Judge(BuildState state, bool isEnd) => BuildRules.Judge(state, isEnd, faults, finds);

    private IEnumerable<Step<BuildState>> WorkersFrom(BuildState state)
    {
        for (var index = 0; index < 2; index++)
        {
            var worker = state[index];
            if (!worker.IsIdle)
            {
                foreach (var step in _handlers.StepsFrom(state, index).Concat(FaultsOf(state, index)))
                {
                    yield return step;
                }
            }
        }

        var free = state.First.IsIdle ? 0 : 1;
        if (!state[free].IsIdle)
        {
            yield break;
        }

        for (var topic = Topic.Trigger; topic < Topic.Change; topic++)
        {
            if (state.SlotOf(topic) == Slot.Due)
            {
                Worker worker = new() { Topic = topic, Call = Call.Read, IsHolder = true };
                yield return new($"{Name(free)} claims {topic}", state.WithSlot(topic, Slot.Leased).With(free, worker));
            }
        }

        foreach (var (topic, letter) in new[] { (Topic.Trigger, Topic.TriggerLetter), (Topic.Poll, Topic.PollLetter) })
        {
            if (state.Left.Letters > 0 && state.SlotOf(topic) == Slot.Due)
            {
                var dead = state.WithSlot(topic, Slot.Absent).WithSlot(letter, Slot.Due);
                yield return Step.Fault(
                    $"{topic} becomes a dead letter",
                    dead with { Left = state.Left with { Letters = (byte)(state.Left.Letters - 1) } });
            }
        }
    }

    private static IEnumerable<Step<BuildState>> FaultsOf(BuildState state, int index)
    {
        var worker = state[index];
        if (state.Left.Crashes > 0)
        {
            var crashed = Released(state, worker).With(index, new()) with { Left = state.Left with { Crashes = (byte)(state.Left.Crashes - 1) } };
            yield return Step.Fault($"{Name(index)} crashes", crashed);
        }

        if (state.Left.Lapses > 0 && worker.IsHolder)
        {
            var lapsed = Released(state, worker).With(index, worker with { IsHolder = false }) with { Left = state.Left with { Lapses = (byte)(state.Left.Lapses - 1) } };
            yield return Step.Fault($"{Name(index)} loses its lease", lapsed);
        }
    }

    private static BuildState Released(BuildState state, Worker worker) =>
        worker.IsHolder ? state.WithSlot(worker.Topic, Slot.Due) : state;

    // Each time is so much longer than those before it that these have passed with it.
    private static IEnumerable<Step<BuildState>> TimesFrom(BuildState state)
    {
        var isIdle = state.First.IsIdle && state.Second.IsIdle;
        var hangs = IsIn(state, Call.Create) && !(state.First.IsLate || state.Second.IsLate);
        for (var time = Slot.Pause; time <= Slot.LastCall; time++)
        {
            var canPass = time switch
            {
                Slot.Pause => true,
                Slot.Settling => !hangs || state.Left.Hangs > 0,

                // A call that hangs for days is given up, which is another step. Where the deadline is no part of the scenario it passes at the end.
                _ => state.Left.IsLate
                    ? (!hangs || state.Left.Hangs > 0) && !(IsIn(state, Call.Status) || IsIn(state, Call.Cancel) || IsIn(state, Call.Find))
                    : state.Record.IsTerminal && isIdle,
            };
            var isHang = hangs && time > Slot.Pause;
            if (canPass && (IsWaited(state, time) || (isHang && time == Slot.Settling)))
            {
                var passed = BuildTimes.After(state, time);
                yield return new($"time passes: {time}", isHang ? passed with { Left = state.Left with { Hangs = (byte)(state.Left.Hangs - 1) } } : passed) { IsFault = isHang };
            }
        }
    }

    private static bool IsIn(BuildState state, Call call) => state.First.Call == call || state.Second.Call == call;

    private static bool IsWaited(BuildState state, Slot time)
    {
        for (var topic = Topic.Trigger; topic < Topic.Change; topic++)
        {
            if (state.SlotOf(topic) == time)
            {
                return true;
            }
        }

        return false;
    }

    private IEnumerable<Step<BuildState>> CiFrom(BuildState state)
    {
        for (var number = 0; number < 2; number++)
        {
            if (state.RemoteOf(number) == Remote.Accepted)
            {
                yield return new($"build {number} runs", state.WithRemote(number, Remote.Running));
            }
            else if (stops && state.RemoteOf(number) == Remote.Running)
            {
                yield return new($"build {number} succeeds", state.WithRemote(number, Remote.Succeeded));
            }
        }
    }

    private IEnumerable<Step<BuildState>> CallersFrom(BuildState state)
    {
        var record = state.Record;
        if (state.Left.Cancels > 0 && !record.IsTerminal)
        {
            var left = state.Left with { Cancels = (byte)(state.Left.Cancels - 1) };
            var cancelling = record with { Cause = record.Cause == Cause.None ? Cause.Caller : record.Cause };
            yield return Step.Fault(
                "a caller cancels",
                cancelling == record ? state with { Left = left } : _handlers.Save(state, cancelling, hastens: true) with { Left = left });
        }

        if (state.Left.Signals > 0 && record.Remote != BuildRecord.None && !record.IsTerminal && state.Signal is Slot.Absent or Slot.Pause)
        {
            var signalled = state with { Signal = Slot.Pause, Left = state.Left with { Signals = (byte)(state.Left.Signals - 1) } };
            yield return Step.Fault(
                "a webhook signals",
                mutation == Mutation.BelievesSignals ? _handlers.Save(signalled, record with { Status = Status.Succeeded }, hastens: false) : signalled);
        }
    }

    private static string Name(int index) => index == 0 ? "one" : "two";
}
