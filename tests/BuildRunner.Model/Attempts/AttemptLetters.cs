using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Attempts;

/// <summary>The handler of dead letters: it asks once how the build is, saves why it cancels it, cancels it, and ends it.</summary>
internal sealed class AttemptLetters(AttemptHandlers handlers, bool finds, AttemptMutation mutation)
{
    // What it answers with once it has cancelled.
    private const sbyte Told = -1;

    /// <summary>Gets what is wrong with what a dead letter has changed.</summary>
    public static string? ViolationOf(AttemptState before, AttemptState after, AttemptWorker worker) =>
        worker.Topic > Topic.Deadline && worker.Attempt != before.Record.Attempt && before.Record != after.Record ? "O14: a dead letter about an earlier attempt changes a later one" : null;

    public AttemptState Begin(AttemptState state, int index, AttemptWorker worker) =>
        !IsOpen(state.Record, worker) || (worker.Topic == Topic.PollLetter && state.Record.Remote < 0) ? AttemptHandlers.End(state, index, worker, Outcome.Done)
            : state.Record.Remote >= 0 ? state.With(index, worker with { Call = Call.Status })
            : CauseSaved(state, index, worker);

    public Step<AttemptState> Next(AttemptState state, int index, AttemptWorker worker, string who)
    {
        var next = Next(state, index, worker);
        var name = worker.Call switch
        {
            Call.Status => "polls",
            Call.Find => "looks up",
            Call.Cancel => "cancels",
            _ => worker.Answer == Told ? "saves the end" : "saves the status",
        };
        return Step.Of($"{who} {name}", next, ViolationOf(state, next, worker));
    }

    private AttemptState Next(AttemptState state, int index, AttemptWorker worker)
    {
        switch (worker.Call)
        {
            case Call.Status:
                // Why it is cancelled is known by now.
                var status = state.Ci[worker.Asked.Remote].Status;
                return state.With(index, status == CiStatus.Running && worker.Asked.IsCancelling ? worker with { Call = Call.Cancel } : worker with { Call = Call.Save, Answer = (sbyte)status });
            case Call.Find:
                var found = handlers.FindBy(state, worker.Asked.Attempt);
                return found < 0 ? EndSaved(state, index, worker) : state.With(index, worker with { Call = Call.Cancel, Asked = worker.Asked with { Remote = (sbyte)found } });
            case Call.Cancel:
                return AttemptHandlers.CancelledAtCi(state, worker.Asked.Remote).With(index, worker with { Call = Call.Save, Answer = Told });
            default:
                return worker.Answer == Told ? EndSaved(state, index, worker) : StatusSaved(state, index, worker);
        }
    }

    private bool IsOpen(AttemptRecord record, AttemptWorker worker) =>
        !record.IsTerminal && (record.Attempt == worker.Attempt || mutation == AttemptMutation.LettersNameNoAttempt);

    private AttemptState StatusSaved(AttemptState state, int index, AttemptWorker worker)
    {
        var answer = (CiStatus)worker.Answer;
        if (answer == CiStatus.Running)
        {
            return CauseSaved(state, index, worker);
        }

        // It is not asked again, so what it says now is believed.
        return AttemptHandlers.End(
            state.Record.IsTerminal || state.Record.Attempt != worker.Asked.Attempt ? state
                : answer == CiStatus.Succeeded ? handlers.Ended(state, Status.Succeeded, isRetryable: false)
                : handlers.Ended(state, answer == CiStatus.Infra ? Status.Failed : Status.Cancelled, isRetryable: true),
            index,
            worker,
            Outcome.Done);
    }

    private AttemptState CauseSaved(AttemptState state, int index, AttemptWorker worker)
    {
        if (!IsOpen(state.Record, worker))
        {
            return AttemptHandlers.End(state, index, worker, Outcome.Done);
        }

        var record = state.Record with { Cause = state.Record.IsCancelling ? state.Record.Cause : Cause.DeadLetter };
        var (saved, told) = (state with { Record = record }, worker with { Asked = record, Answer = Told });
        return record.Remote >= 0 ? saved.With(index, told with { Call = Call.Cancel })
            : record.Mark == 0 ? EndSaved(saved, index, told)
            : record.Mark == state.Epoch ? AttemptHandlers.End(saved, index, worker, Outcome.Settling)
            : finds ? saved.With(index, told with { Call = Call.Find })
            : EndSaved(saved, index, told);
    }

    private AttemptState EndSaved(AttemptState state, int index, AttemptWorker worker)
    {
        // It has been triggered since, or the outcome is known by now.
        var (record, told) = (state.Record, worker.Asked);
        var isOther = record.Remote >= 0 ? record.Remote != told.Remote : record.Mark != told.Mark;
        return record.IsTerminal ? AttemptHandlers.End(state, index, worker, Outcome.Done)
            : isOther ? AttemptHandlers.End(state, index, worker, Outcome.Now)
            : AttemptHandlers.End(handlers.Ended(state with { Record = record with { Remote = told.Remote } }, Status.Failed, isRetryable: false), index, worker, Outcome.Done);
    }
}
