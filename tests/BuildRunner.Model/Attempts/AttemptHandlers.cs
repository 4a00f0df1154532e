using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Attempts;

/// <summary>The handlers of a build in attempts: they read, call and save. The save decides again about the record as it then is, as the compare-and-set does.</summary>
internal sealed class AttemptHandlers(bool finds, byte budget, AttemptMutation mutation)
{
    private const byte MaxAttempts = 3;

    private AttemptLetters Letters => new(this, finds, mutation);

    /// <summary>Takes a message. What needs no call is decided and saved at once.</summary>
    public AttemptState Begin(AttemptState state, int index, AttemptWorker worker)
    {
        var record = state.Record;
        if (worker.Topic > Topic.Deadline)
        {
            return Letters.Begin(state, index, worker);
        }

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

    /// <summary>Makes the next call, save or settlement of a handler.</summary>
    public Step<AttemptState> Next(AttemptState state, int index, AttemptWorker worker, string who)
    {
        switch (worker.Call)
        {
            case Call.Settle:
                return new($"{who} settles", state.With(index, default).WithHeld(worker, state.SlotOf(worker.Topic).Settled(worker.Outcome)));
            case var _ when worker.Topic > Topic.Deadline:
                return Letters.Next(state, index, worker, who);
            case Call.Create:
                var number = FindBy(state, worker.Asked.Attempt);
                var created = number >= 0 && finds ? state : state with { Ci = state.Ci.Plus(new(KeyOf(worker.Asked.Attempt), CiStatus.Running)) };
                return new(
                    $"{who} triggers",
                    created.With(index, worker with
                    {
                        Call = Call.Save,
                        Answer = (sbyte)(number >= 0 && finds ? number : created.Ci.Count - 1),
                    }));
            case Call.Find:
                var found = FindBy(state, worker.Asked.Attempt);
                return new(
                    $"{who} looks up",
                    found >= 0 ? state.With(index, worker with { Call = Call.Save, Answer = (sbyte)found }) : MarkedAgain(state, index, worker));
            case Call.Cancel:
                return new($"{who} cancels", CancelledAtCi(state, worker.Asked.Remote).With(index, worker with { Call = Call.Status }));
            case Call.Status:
                var answered = worker with { Call = Call.Save, Answer = (sbyte)state.Ci[worker.Asked.Remote].Status };
                return new($"{who} polls", NothingNew(answered) is { } outcome ? End(state, index, worker, outcome) : state.With(index, answered));
            case Call.Save when worker.Topic == Topic.Trigger:
                return new($"{who} saves the answer", Adopted(state, index, worker)) { Violation = ViolationOfAdoption(state, worker) };
            default:
                return new($"{who} saves the status", Polled(state, index, worker)) { Violation = ViolationOfPoll(state, worker) };
        }
    }

    private byte KeyOf(byte attempt) => mutation == AttemptMutation.SharesKey ? (byte)1 : attempt;

    public int FindBy(AttemptState state, byte attempt) => state.Ci.IndexOf(build => build.Attempt == KeyOf(attempt));

    // Most polls find nothing new in what was read before, and save nothing.
    private static Outcome? NothingNew(AttemptWorker worker) => ((CiStatus)worker.Answer, worker.Asked) switch
    {
        (CiStatus.Running, { Status: Status.Running, Settling: Settling.None }) => worker.Topic == Topic.Signal ? Outcome.Done : Outcome.Pause,
        (CiStatus.Stopped or CiStatus.Cancelled, { IsCancelling: false, Settling: Settling.Waiting }) => worker.Topic == Topic.Signal ? Outcome.Done : Outcome.Settling,
        _ => null,
    };

    public static AttemptState End(AttemptState state, int index, AttemptWorker worker, Outcome outcome) =>
        state.With(index, worker.IsLate ? default : new() { Topic = worker.Topic, Call = Call.Settle, Attempt = worker.Attempt, Outcome = outcome, IsHolder = worker.IsHolder });

    private AttemptState MarkedAgain(AttemptState state, int index, AttemptWorker worker)
    {
        var record = state.Record;
        return record.IsTerminal || record.Remote >= 0 ? End(state, index, worker, Outcome.Done)
            : record.Attempt != worker.Asked.Attempt || record.Mark != worker.Asked.Mark ? End(state, index, worker, record.Mark == state.Epoch ? Outcome.Settling : Outcome.Now)
            : record.IsCancelling ? End(Ended(state, Status.Cancelled, isRetryable: false), index, worker, Outcome.Done)
            : Marked(state, index, worker);
    }

    public static AttemptState CancelledAtCi(AttemptState state, int number) =>
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

        var adopted = state with
        {
            Record = record with { Remote = worker.Answer, IsPaused = false },
            Poll = state.Poll.Published(),
            Changes = (byte)(state.Changes + 1),
        };
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
            return End(state, index, worker, Outcome.Done);
        }

        switch ((CiStatus)worker.Answer)
        {
            case CiStatus.Running:
                var seen = state with
                {
                    Record = record with { Status = Status.Running, Settling = Settling.None },
                    Changes = (byte)(state.Changes + (record.Status == Status.Running ? 0 : 1)),
                };
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
    public AttemptState Ended(AttemptState state, Status status, bool isRetryable)
    {
        var record = state.Record;
        status = status == Status.Cancelled && record.Cause == Cause.DeadLetter ? Status.Failed : status;
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

    /// <summary>Begins the next attempt, which has messages of its own.</summary>
    public AttemptState Attempted(AttemptState state)
    {
        var record = state.Record;
        return state with
        {
            Record = new() { Attempt = (byte)(record.Attempt + 1), Remote = -1, IsPaused = true },
            Trigger = Slot.Pause,
            Poll = Slot.Absent,
            Changes = (byte)(state.Changes + 1),
            Begun = (byte)(state.Begun + 1),
            Spent = (byte)(state.Spent + (mutation == AttemptMutation.BudgetApart ? 0 : 1)),
            Owed = (byte)(state.Owed + (mutation == AttemptMutation.BudgetApart ? 1 : 0)),
        };
    }
}
