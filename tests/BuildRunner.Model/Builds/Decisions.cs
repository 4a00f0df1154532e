namespace BuildRunner.Model.Builds;

/// <summary>The decisions of the handlers about a record, as pure functions: one for each class of that name in the product.</summary>
internal sealed class Decisions(bool finds, Mutation mutation)
{
    private static readonly Decision Done = Leave(Outcome.Done);

    public Decision Decide(in BuildState state, in Worker worker) => worker.Deciding switch
    {
        Deciding.Begin => Begin(state, worker.Read),
        Deciding.Mark => Mark(state, worker.Read, worker.Mark),
        Deciding.Adopt => Adopt(state, worker),
        Deciding.Unmark => worker.Read.Mark == worker.Mark ? Save(worker.Read with { Mark = 0 }, Outcome.Now) : Leave(Outcome.Now),
        Deciding.Reject => Reject(worker),
        Deciding.Poll => Poll(state, worker),
        Deciding.Deadline => Deadline(state, worker.Read),
        Deciding.AskLetter => AskLetter(state, worker),
        Deciding.BeginLetter => BeginLetter(state, worker.Read),
        _ => EndLetter(state, worker),
    };

    private static Decision Leave(Outcome outcome) => new(null, outcome);

    private static Decision Save(BuildRecord changed, Outcome outcome) => new(changed, outcome);

    private static Outcome? WaitForMark(in BuildState state, BuildRecord record) =>
        record is { Remote: BuildRecord.None, Mark: > 0 } && record.Mark == state.Epoch ? Outcome.Settling : null;

    private static BuildRecord Answered(BuildRecord record) => record with { Errors = 0, IsPaused = false };

    private static BuildRecord Cancelling(BuildRecord record, Cause cause) => record.Cause == Cause.None ? record with { Cause = cause } : record;

    private static BuildRecord End(in BuildState state, BuildRecord record, Status status) => Answered(record) with
    {
        Status = status,
        IsGivenUp = (record.Phase, state.Clock) is (Phase.LastCall, Clock.LastCallOver) or (Phase.Grace, >= Clock.GraceOver),
    };

    private static BuildRecord Cancelled(in BuildState state, BuildRecord record) =>
        End(state, record, record.Cause is Cause.Deadline or Cause.DeadLetter ? Status.Failed : Status.Cancelled);

    private static Decision? EndIfCancelled(in BuildState state, BuildRecord record)
    {
        var due = state.Clock >= Clock.DeadlineOver ? Cancelling(record, Cause.Deadline) : record;
        return due.Cause != Cause.None ? Save(Cancelled(state, due), Outcome.Done) : null;
    }

    private Decision Begin(in BuildState state, BuildRecord record)
    {
        if (record.Remote != BuildRecord.None || record.IsTerminal)
        {
            return Done;
        }

        if (record.Mark == 0)
        {
            return EndIfCancelled(state, record) ?? Leave(Outcome.GoOn);
        }

        return WaitForMark(state, record) is { } wait ? Leave(wait)
            : finds || mutation == Mutation.TriggersBlindly ? Leave(Outcome.GoOn)
            : Save(End(state, record, Status.Failed), Outcome.Done);
    }

    private Decision Mark(in BuildState state, BuildRecord record, byte before)
    {
        if (record.Remote != BuildRecord.None || record.IsTerminal)
        {
            return Done;
        }

        if (record.Mark != before)
        {
            return Leave(WaitForMark(state, record) ?? Outcome.Now);
        }

        return EndIfCancelled(state, record)
            ?? (record.IsPaused ? Leave(Outcome.Pause)
            : mutation == Mutation.MarksNothing ? Leave(Outcome.GoOn)
            : Save(record with { Mark = state.Epoch, IsPaused = false }, Outcome.GoOn));
    }

    private static Decision Adopt(in BuildState state, in Worker worker)
    {
        var record = worker.Read;
        return record.Remote == worker.Answer ? Done
            : record.Remote == BuildRecord.None && !record.IsTerminal ? Save(Answered(record) with { Remote = worker.Answer, Status = Status.Accepted }, Outcome.Done) with { Hastens = true }
            : !worker.HasCancelled ? Leave(Outcome.GoOn)
            : Save(record with { Notes = (byte)(record.Notes | (1 << worker.Answer)) }, Outcome.Done);
    }

    private static Decision Reject(in Worker worker)
    {
        var record = worker.Read;
        return record.Remote != BuildRecord.None || record.IsTerminal ? Done
            : record.Mark == 0 ? Leave(record.IsPaused ? Outcome.Pause : Outcome.Now)
            : record.Mark != worker.Mark ? Leave(Outcome.Settling)
            : Save(Errored(record) with { Mark = 0 }, Outcome.Pause);
    }

    private static BuildRecord Errored(BuildRecord record) => record with { Errors = (byte)(record.Errors + 1), IsPaused = true };

    private static Decision Poll(in BuildState state, in Worker worker)
    {
        var record = worker.Read;
        if (record.IsTerminal)
        {
            return Done;
        }

        if (worker.Answer == BuildRecord.None)
        {
            return Save(Errored(record), Outcome.Pause);
        }

        return (Remote)worker.Answer switch
        {
            Remote.Succeeded => Save(End(state, record, Status.Succeeded), Outcome.Done),
            Remote.Cancelled => Save(Cancelled(state, record), Outcome.Done),
            Remote.Running => Save(Answered(record) with { Status = Status.Running }, Outcome.Pause),
            _ => Save(Answered(record) with { Status = Status.Accepted }, Outcome.Pause),
        };
    }

    private Decision Deadline(in BuildState state, BuildRecord record)
    {
        if (record.IsTerminal)
        {
            return Done;
        }

        switch (record.Phase)
        {
            case Phase.Before:
                return state.Clock < Clock.DeadlineOver ? Leave(Outcome.Deadline)
                    : Save(Cancelling(record, Cause.Deadline) with { Phase = Phase.Grace }, Outcome.Grace) with { Hastens = true };
            case Phase.Grace when state.Clock < Clock.GraceOver:
                return Leave(Outcome.Grace);
            case Phase.LastCall when state.Clock < Clock.LastCallOver:
                return Leave(Outcome.LastCall);
            case Phase.Grace when record.MayBeRemote:
                return Save(record with { Phase = Phase.LastCall }, Outcome.LastCall) with { Hastens = true };
            default:
                return mutation == Mutation.DeadlineOnlyCancels ? Done
                    : Save(End(state, record, Status.Failed) with { IsPaused = record.IsPaused }, Outcome.Done) with { Hastens = record.MayBeRemote };
        }
    }

    private static Decision AskLetter(in BuildState state, in Worker worker) =>
        worker.Read.IsTerminal ? Done
        : worker.Answer != BuildRecord.None && Poll(state, worker) is { Changed.IsTerminal: true } ended ? ended
        : Leave(Outcome.GoOn);

    private static Decision BeginLetter(in BuildState state, BuildRecord record) => record.IsTerminal
        ? Done
        : Save(Cancelling(record, Cause.DeadLetter), WaitForMark(state, record) ?? Outcome.GoOn);

    private Decision EndLetter(in BuildState state, in Worker worker)
    {
        var record = worker.Read;
        if (record.IsTerminal && mutation != Mutation.LetterEndsTwice)
        {
            return Done;
        }

        // It has been triggered since, or the outcome is known by now.
        var isOther = record.Remote != BuildRecord.None ? record.Remote != worker.Answer : record.Mark != worker.Mark;
        return isOther ? Leave(Outcome.Now) : Save(End(state, record with { Remote = worker.Answer }, Status.Failed), Outcome.Done);
    }
}
