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
    private const byte MaxAttempts = 3;
    private static readonly Topic[] Topics = [Topic.Trigger, Topic.Poll, Topic.Signal];

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

            yield return Next(state, index, worker);
            var held = worker.IsHolder ? state.WithSlot(worker.Topic, Slot.Due) : state;
            if (state.Left.Crashes > 0)
            {
                yield return new($"{Name(index)} crashes", held.With(index, default) with { Left = state.Left with { Crashes = (byte)(state.Left.Crashes - 1) } }) { IsFault = true };
            }

            if (state.Left.Lapses > 0 && worker.IsHolder)
            {
                yield return new($"{Name(index)} loses its lease", held.With(index, worker with { IsHolder = false }) with { Left = state.Left with { Lapses = (byte)(state.Left.Lapses - 1) } }) { IsFault = true };
            }
        }

        var free = state.First.Call == Call.None ? 0 : 1;
        foreach (var topic in Topics)
        {
            if (state[free].Call == Call.None && state.SlotOf(topic) == Slot.Due)
            {
                yield return new($"{Name(free)} takes {topic}", Begin(state.WithSlot(topic, Slot.Leased), free, new() { Topic = topic, Asked = state.Record, IsHolder = true }));
            }
        }
    }

    // What needs no call is decided and saved at once.
    private AttemptState Begin(AttemptState state, int index, AttemptWorker worker)
    {
        var record = state.Record;
        if (worker.Topic != Topic.Trigger)
        {
            return record.Remote < 0 || record.IsTerminal ? End(state, index, worker, Outcome.Done)
                : state.With(index, worker with { Call = record.IsCancelling ? Call.Cancel : Call.Status });
        }

        if (record.Remote >= 0 || record.IsTerminal)
        {
            return End(state, index, worker, Outcome.Done);
        }

        if (record.Mark == 0)
        {
            return record.IsCancelling ? End(Ended(state, Status.Cancelled, isRetryable: false), index, worker, Outcome.Done)
                : record.IsPaused ? End(state, index, worker, Outcome.Pause)
                : Marked(state, index, worker);
        }

        return record.Mark == state.Epoch ? End(state, index, worker, Outcome.Settling)
            : finds ? state.With(index, worker with { Call = Call.Find })
            : End(Ended(state, Status.Failed, isRetryable: true), index, worker, Outcome.Done);
    }

    private static AttemptState Marked(AttemptState state, int index, AttemptWorker worker)
    {
        var marked = state.Record with { Mark = state.Epoch, IsPaused = false };
        return (state with { Record = marked }).With(index, worker with { Call = Call.Create, Asked = marked });
    }

    private Step<AttemptState> Next(AttemptState state, int index, AttemptWorker worker)
    {
        var who = Name(index);
        switch (worker.Call)
        {
            case Call.Create:
                var number = FindBy(state, worker.Asked.Attempt);
                var created = number >= 0 && finds ? state : state with { Ci = state.Ci.Plus(new(KeyOf(worker.Asked.Attempt), CiStatus.Running)) };
                return new($"{who} triggers", created.With(index, worker with { Call = Call.Save, Answer = (sbyte)(number >= 0 && finds ? number : created.Ci.Count - 1) }));
            case Call.Find:
                var found = FindBy(state, worker.Asked.Attempt);
                return new($"{who} looks up", found >= 0 ? state.With(index, worker with { Call = Call.Save, Answer = (sbyte)found }) : MarkedAgain(state, index, worker));
            case Call.Cancel:
                return new($"{who} cancels", CancelledAtCi(state, worker.Asked.Remote).With(index, worker with { Call = Call.Status }));
            case Call.Status:
                return new($"{who} polls", state.With(index, worker with { Call = Call.Save, Answer = (sbyte)state.Ci[worker.Asked.Remote].Status }));
            case Call.Save when worker.Topic == Topic.Trigger:
                return new($"{who} saves the answer", Adopted(state, index, worker)) { Violation = ViolationOfAdoption(state, worker) };
            case Call.Save:
                return new($"{who} saves the status", Polled(state, index, worker)) { Violation = ViolationOfPoll(state, worker) };
            default:
                var free = state.With(index, default);
                return new($"{who} settles", worker.IsHolder ? free.WithSlot(worker.Topic, state.SlotOf(worker.Topic).Settled(worker.Outcome)) : free);
        }
    }

    private byte KeyOf(byte attempt) => mutation == AttemptMutation.SharesKey ? (byte)1 : attempt;

    private int FindBy(AttemptState state, byte attempt) => state.Ci.IndexOf(build => build.Attempt == KeyOf(attempt));

    private static AttemptState End(AttemptState state, int index, AttemptWorker worker, Outcome outcome) =>
        state.With(index, new() { Topic = worker.Topic, Call = Call.Settle, Outcome = outcome, IsHolder = worker.IsHolder });

    private AttemptState MarkedAgain(AttemptState state, int index, AttemptWorker worker)
    {
        var record = state.Record;
        return record.IsTerminal || record.Remote >= 0 || record.Attempt != worker.Asked.Attempt || record.Mark != worker.Asked.Mark ? End(state, index, worker, Outcome.Now)
            : record.IsCancelling ? End(Ended(state, Status.Cancelled, isRetryable: false), index, worker, Outcome.Done)
            : Marked(state, index, worker);
    }

    private static AttemptState CancelledAtCi(AttemptState state, int number) =>
        state.Ci[number].Status is CiStatus.Running or CiStatus.Stopped ? state with { Ci = state.Ci.With(number, state.Ci[number] with { Status = CiStatus.Cancelled }) } : state;

    private bool Adopts(AttemptRecord record, AttemptWorker worker) => record is { Remote: < 0, IsTerminal: false }
        && (record.Attempt == worker.Asked.Attempt || mutation == AttemptMutation.AdoptsOldAttempts)
        && (record.Mark == worker.Asked.Mark || mutation != AttemptMutation.AdoptsByMark);

    private AttemptState Adopted(AttemptState state, int index, AttemptWorker worker)
    {
        var record = state.Record;
        if (record.Remote == worker.Answer && record.Attempt == worker.Asked.Attempt)
        {
            return End(state, index, worker, Outcome.Done);
        }

        if (!Adopts(record, worker))
        {
            return End(CancelledAtCi(state, worker.Answer), index, worker, Outcome.Done);
        }

        var adopted = state with { Record = record with { Remote = worker.Answer, IsPaused = false }, Poll = state.Poll.Published(), Changes = (byte)(state.Changes + 1) };
        return End(adopted, index, worker, Outcome.Done);
    }

    private string? ViolationOfAdoption(AttemptState state, AttemptWorker worker) =>
        !Adopts(state.Record, worker) && state.Record is { Remote: < 0, IsTerminal: false } && state.Record.Attempt == worker.Asked.Attempt ? "O14: the build of the present attempt is cancelled as superfluous" : null;

    private bool IsOfAttempt(AttemptState state, AttemptWorker worker) => state.Record.Remote == worker.Asked.Remote || mutation == AttemptMutation.PollsOldAttempts;

    private AttemptState Polled(AttemptState state, int index, AttemptWorker worker)
    {
        var record = state.Record;
        var isSignal = worker.Topic == Topic.Signal;
        if (record.IsTerminal || !IsOfAttempt(state, worker))
        {
            return End(state, index, worker, record.IsTerminal || isSignal ? Outcome.Done : Outcome.Now);
        }

        switch ((CiStatus)worker.Answer)
        {
            case CiStatus.Running:
                var seen = state with { Record = record with { Status = Status.Running, Settling = Settling.None }, Changes = (byte)(state.Changes + (record.Status == Status.Running ? 0 : 1)) };
                return End(seen, index, worker, isSignal ? Outcome.Done : Outcome.Pause);
            case CiStatus.Succeeded:
                return End(Ended(state, Status.Succeeded, isRetryable: false), index, worker, Outcome.Done);
            case CiStatus.Infra:
                return End(Ended(state, Status.Failed, isRetryable: true), index, worker, Outcome.Done);
            default:
                if (!record.IsCancelling && record.Settling != Settling.Over && mutation != AttemptMutation.SettlesNothing)
                {
                    return End(state with { Record = record with { Settling = Settling.Waiting } }, index, worker, isSignal ? Outcome.Done : Outcome.Settling);
                }

                return End(Ended(state, Status.Cancelled, isRetryable: true), index, worker, Outcome.Done);
        }
    }

    private string? ViolationOfPoll(AttemptState state, AttemptWorker worker)
    {
        var ends = !state.Record.IsTerminal && IsOfAttempt(state, worker) && (CiStatus)worker.Answer != CiStatus.Running;
        return !ends ? null
            : state.Record.Remote != worker.Asked.Remote ? "O14: an attempt ends by the answer about another"
            : (CiStatus)worker.Answer is CiStatus.Stopped && mutation == AttemptMutation.SettlesNothing && !state.Record.IsCancelling ? "O15: a build is said to be cancelled that the CI runs again"
            : null;
    }

    /// <summary>Ends the build, or begins another attempt in the same transaction.</summary>
    private AttemptState Ended(AttemptState state, Status status, bool isRetryable)
    {
        var record = state.Record;
        var again = isRetryable && (!record.IsCancelling || mutation == AttemptMutation.RetriesCancels) && record.Attempt < MaxAttempts && state.Spent < budget;
        var ended = state with { Record = record with { Status = status }, Changes = (byte)(state.Changes + 1) };
        if (!again)
        {
            return ended;
        }

        if (mutation == AttemptMutation.SavesEndFirst)
        {
            return ended with { Owed = 1 };
        }

        return Attempted(state);
    }

    private AttemptState Attempted(AttemptState state)
    {
        var record = state.Record;
        return state with
        {
            Record = new() { Attempt = (byte)(record.Attempt + 1), Remote = -1, IsPaused = true },
            Trigger = state.Trigger switch { Slot.Absent => Slot.Pause, Slot.Leased => Slot.Woken, var slot => slot },
            Changes = (byte)(state.Changes + 1),
            Begun = (byte)(state.Begun + 1),
            Spent = (byte)(state.Spent + (mutation == AttemptMutation.BudgetApart ? 0 : 1)),
            Owed = (byte)(state.Owed + (mutation == AttemptMutation.BudgetApart ? 1 : 0)),
        };
    }

    private static IEnumerable<Step<AttemptState>> TimesFrom(AttemptState state)
    {
        var isCreating = state.First is { Call: Call.Create, IsLate: false } || state.Second is { Call: Call.Create, IsLate: false };
        foreach (var time in new[] { Slot.Pause, Slot.Settling })
        {
            var isHang = time == Slot.Settling && isCreating && state.Left.Hangs > 0;
            if (!(isHang || Topics.Any(topic => state.SlotOf(topic) == time)) || (time == Slot.Settling && (state.Ci.Any(static build => build.Status == CiStatus.Stopped) || (isCreating && !isHang))))
            {
                continue;
            }

            var passed = state with
            {
                Record = state.Record with { IsPaused = false, Settling = time == Slot.Settling && state.Record.Settling == Settling.Waiting ? Settling.Over : state.Record.Settling },
                Trigger = state.Trigger.After(time),
                Poll = state.Poll.After(time),
                Signal = state.Signal.After(time),
                Epoch = (byte)(state.Epoch + (time == Slot.Settling ? 1 : 0)),
            };
            if (isHang)
            {
                passed = passed with { Left = passed.Left with { Hangs = (byte)(passed.Left.Hangs - 1) } };
                for (var index = 0; index < 2; index++)
                {
                    var worker = passed[index];
                    if (worker is { Call: Call.Create, IsLate: false })
                    {
                        passed = worker.IsHolder ? passed.WithSlot(Topic.Trigger, passed.Trigger.Settled(Outcome.Settling)) : passed;
                        passed = passed.With(index, worker with { IsHolder = false, IsLate = true });
                    }
                }
            }

            yield return new($"time passes: {time}", passed) { IsFault = isHang };
        }
    }

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
                    yield return new($"build {number} is failed by the CI", To(CiStatus.Infra) with { Left = state.Left with { Infra = (byte)(state.Left.Infra - 1) } }) { IsFault = true };
                }

                if (state.Left.Stops > 0)
                {
                    yield return new($"build {number} is stopped for a while", To(CiStatus.Stopped) with { Left = state.Left with { Stops = (byte)(state.Left.Stops - 1) } }) { IsFault = true };
                    yield return new($"build {number} is stopped for good", To(CiStatus.Cancelled) with { Left = state.Left with { Stops = (byte)(state.Left.Stops - 1) } }) { IsFault = true };
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
            yield return new("a caller cancels", state.WithSlot(topic, state.SlotOf(topic).Published()) with { Record = record with { IsCancelling = true }, CancelledAttempt = record.Attempt, Left = left with { Cancels = (byte)(left.Cancels - 1) } }) { IsFault = true };
        }

        if (left.Signals > 0 && record is { Remote: >= 0, IsTerminal: false } && state.Signal == Slot.Absent)
        {
            yield return new("a webhook signals", state with { Signal = Slot.Due, Left = left with { Signals = (byte)(left.Signals - 1) } }) { IsFault = true };
        }

        if (left.Others > 0 && state.Spent < budget)
        {
            yield return new("another build begins an attempt", state with { Begun = (byte)(state.Begun + 1), Spent = (byte)(state.Spent + 1), Left = left with { Others = (byte)(left.Others - 1) } }) { IsFault = true };
        }

        if (state.Owed > 0)
        {
            yield return mutation == AttemptMutation.BudgetApart
                ? new("the budget is saved", state with { Spent = (byte)(state.Spent + 1), Owed = (byte)(state.Owed - 1) })
                : new("the next attempt is saved", Attempted(state with { Owed = 0 }));
        }
    }
}
