using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Attempts;

/// <summary>
/// Attempts by kind of failure within a budget (O14), and the delay in which a cancel that nobody asked for is not believed (O15). A handler reads, calls, and saves; the save decides again about the record as it then is, as the compare-and-set does.
/// </summary>
/// <param name="faults">What may go wrong, and how often.</param>
/// <param name="finds">Whether the runner can look up a build by its key.</param>
/// <param name="budget">How many attempts may be begun in the hour.</param>
/// <param name="mutation">The mistake, if any.</param>
internal sealed class AttemptModel(AttemptFaults faults, bool finds = true, byte budget = 2, AttemptMutation mutation = AttemptMutation.None) : IModel<AttemptState>
{
    private static readonly Topic[] Topics = [Topic.Trigger, Topic.Poll, Topic.Signal, Topic.TriggerLetter, Topic.PollLetter];

    private readonly AttemptHandlers _handlers = new(finds, budget, mutation);

    public AttemptState Start => new() { Record = new() { Attempt = 1, Remote = -1 }, Trigger = Slot.Due, Epoch = 1, Left = faults };

    public IEnumerable<Step<AttemptState>> StepsFrom(AttemptState state) =>
        WorkersFrom(state).Concat(TimesFrom(state)).Concat(CiFrom(state)).Concat(OthersFrom(state));

    public IEnumerable<string> Judge(AttemptState state, bool isEnd)
    {
        var record = state.Record;
        if (state.Begun > budget)
        {
            yield return "O14: more attempts than the budget";
        }

        if (record.Remote >= 0 && state.Ci[record.Remote].Attempt != record.Attempt)
        {
            yield return "O14: an attempt has the build of another";
        }

        if (state.Ci.GroupBy(static build => build.Attempt).Any(static key => key.Count() > 1))
        {
            yield return "O2: two builds at the CI for one key";
        }

        if (state.CancelledAttempt > 0 && record.Attempt > state.CancelledAttempt)
        {
            yield return "O14: what a caller has cancelled is tried again";
        }

        if (isEnd && (!record.IsTerminal || state.Told != record.Status))
        {
            yield return "O9: it never ends, or the owner never hears of it";
        }
    }

    private static string Name(int index) => index == 0 ? "one" : "two";

    private IEnumerable<Step<AttemptState>> WorkersFrom(AttemptState state)
    {
        for (var index = 0; index < 2; index++)
        {
            var worker = state[index];
            if (worker.Call == Call.None)
            {
                continue;
            }

            yield return _handlers.Next(state, index, worker, Name(index));
            var held = state.WithHeld(worker, Slot.Due);
            if (state.Left.Crashes > 0)
            {
                yield return Step.Fault(
                    $"{Name(index)} crashes",
                    held.With(index, default) with { Left = state.Left with { Crashes = (byte)(state.Left.Crashes - 1) } });
            }

            if (state.Left.Lapses > 0 && worker.IsHolder)
            {
                yield return Step.Fault(
                    $"{Name(index)} loses its lease",
                    held.With(index, worker with { IsHolder = false }) with { Left = state.Left with { Lapses = (byte)(state.Left.Lapses - 1) } });
            }
        }

        var free = state.First.Call == Call.None ? 0 : 1;
        foreach (var topic in Topics)
        {
            if (state[free].Call == Call.None && state.SlotOf(topic) == Slot.Due)
            {
                AttemptWorker worker = new()
                {
                    Topic = topic,
                    Attempt = topic > Topic.Deadline ? state.LetterAttempt : state.Record.Attempt,
                    Asked = state.Record,
                    IsHolder = true,
                };
                var taken = _handlers.Begin(state.WithSlot(topic, Slot.Leased), free, worker);
                yield return Step.Of($"{Name(free)} takes {topic}", taken, AttemptLetters.ViolationOf(state, taken, worker));
            }
        }

        foreach (var (topic, letter) in new[] { (Topic.Trigger, Topic.TriggerLetter), (Topic.Poll, Topic.PollLetter) })
        {
            if (state.Left.Letters > 0 && state.SlotOf(topic) == Slot.Due)
            {
                yield return Step.Fault($"{topic} becomes a dead letter", state.WithSlot(topic, Slot.Absent) with
                {
                    Letter = Slot.Due,
                    LetterTopic = letter,
                    LetterAttempt = state.Record.Attempt,
                    Left = state.Left with { Letters = (byte)(state.Left.Letters - 1) },
                });
            }
        }
    }

    private static IEnumerable<Step<AttemptState>> TimesFrom(AttemptState state)
    {
        var isCreating = state.First is { Call: Call.Create, IsLate: false } || state.Second is { Call: Call.Create, IsLate: false };
        foreach (var time in new[] { Slot.Pause, Slot.Settling })
        {
            var isHang = time == Slot.Settling && isCreating && state.Left.Hangs > 0;
            if (!(isHang || Topics.Any(topic => state.SlotOf(topic) == time)) || (time == Slot.Settling && (state.Ci.Any(static build => build.Status == CiStatus.Stopped) || (isCreating && !isHang) || IsSettling(state.First) || IsSettling(state.Second))))
            {
                continue;
            }

            var passed = state with
            {
                Record = state.Record with
                {
                    IsPaused = false,
                    Settling = time == Slot.Settling && state.Record.Settling == Settling.Waiting ? Settling.Over : state.Record.Settling,
                },
                Trigger = state.Trigger.After(time),
                Poll = state.Poll.After(time),
                Signal = state.Signal.After(time),
                Letter = state.Letter.After(time),
                Epoch = (byte)(state.Epoch + (time == Slot.Settling ? 1 : 0)),
            };
            for (var index = 0; index < 2 && time == Slot.Settling; index++)
            {
                // What it has read says when the delay is over.
                var worker = passed[index];
                passed = worker is { Call: Call.Cancel or Call.Status, Asked.Settling: Settling.Waiting } ? passed.With(index, worker with { Asked = worker.Asked with { Settling = Settling.Over } }) : passed;
            }

            if (isHang)
            {
                passed = passed with { Left = passed.Left with { Hangs = (byte)(passed.Left.Hangs - 1) } };
                for (var index = 0; index < 2; index++)
                {
                    var worker = passed[index];
                    if (worker is { Call: Call.Create, IsLate: false })
                    {
                        passed = passed.WithHeld(worker, passed.Trigger.Settled(Outcome.Settling));
                        passed = passed.With(index, worker with { IsHolder = false, IsLate = true });
                    }
                }
            }

            yield return new($"time passes: {time}", passed) { IsFault = isHang };
        }
    }

    // The delay is long, and begins when the answer is there.
    private static bool IsSettling(AttemptWorker worker) => worker is { Call: Call.Save, Topic: Topic.Poll or Topic.Signal, Answer: >= (sbyte)CiStatus.Stopped };

    private static IEnumerable<Step<AttemptState>> CiFrom(AttemptState state)
    {
        for (var number = 0; number < state.Ci.Count; number++)
        {
            var build = state.Ci[number];
            AttemptState To(CiStatus status) => state with { Ci = state.Ci.With(number, build with { Status = status }) };
            if (build.Status == CiStatus.Running)
            {
                yield return new($"build {number} succeeds", To(CiStatus.Succeeded));
                if (state.Left.Infra > 0)
                {
                    yield return Step.Fault(
                        $"build {number} is failed by the CI",
                        To(CiStatus.Infra) with { Left = state.Left with { Infra = (byte)(state.Left.Infra - 1) } });
                }

                if (state.Left.Stops > 0)
                {
                    yield return Step.Fault(
                        $"build {number} is stopped for a while",
                        To(CiStatus.Stopped) with { Left = state.Left with { Stops = (byte)(state.Left.Stops - 1) } });
                    yield return Step.Fault(
                        $"build {number} is stopped for good",
                        To(CiStatus.Cancelled) with { Left = state.Left with { Stops = (byte)(state.Left.Stops - 1) } });
                }
            }
            else if (build.Status == CiStatus.Stopped)
            {
                yield return new($"build {number} runs again", To(CiStatus.Running));
            }
        }
    }

    private IEnumerable<Step<AttemptState>> OthersFrom(AttemptState state)
    {
        var (record, left) = (state.Record, state.Left);
        if (state.Changes > 0)
        {
            yield return new("the owner is told", state with { Changes = (byte)(state.Changes - 1), Told = record.Status })
            {
                Violation = state.Told is >= Status.Succeeded and var told && told != record.Status ? "O14: the owner was told an attempt for the verdict" : null,
            };
        }

        if (left.Cancels > 0 && !record.IsTerminal && !record.IsCancelling)
        {
            var topic = record.Remote < 0 ? Topic.Trigger : Topic.Poll;
            yield return Step.Fault(
                "a caller cancels",
                state.WithSlot(topic, state.SlotOf(topic).Published()) with
                {
                    Record = record with { Cause = Cause.Caller },
                    CancelledAttempt = record.Attempt,
                    Left = left with { Cancels = (byte)(left.Cancels - 1) },
                });
        }

        if (left.Signals > 0 && record is { Remote: >= 0, IsTerminal: false } && state.Signal == Slot.Absent)
        {
            yield return Step.Fault(
                "a webhook signals",
                state with { Signal = Slot.Pause, Left = left with { Signals = (byte)(left.Signals - 1) } });
        }

        if (left.Others > 0 && state.Spent < budget)
        {
            yield return Step.Fault(
                "another build begins an attempt",
                state with
                {
                    Begun = (byte)(state.Begun + 1),
                    Spent = (byte)(state.Spent + 1),
                    Left = left with { Others = (byte)(left.Others - 1) },
                });
        }

        if (state.Owed > 0)
        {
            yield return mutation == AttemptMutation.BudgetApart
                ? new("the budget is saved", state with { Spent = (byte)(state.Spent + 1), Owed = (byte)(state.Owed - 1) })
                : new("the next attempt is saved", _handlers.Attempted(state with { Owed = 0 }));
        }
    }
}
