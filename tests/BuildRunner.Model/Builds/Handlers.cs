using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Builds;

/// <summary>The handlers: what each call does, and which one comes next.</summary>
internal sealed class Handlers(bool finds, bool stops, Mutation mutation)
{
    private readonly Decisions _decisions = new(finds, mutation);

    public IEnumerable<Step<BuildState>> StepsFrom(BuildState state, int index)
    {
        var worker = state[index];
        var who = index == 0 ? "one" : "two";
        switch (worker.Call)
        {
            case Call.Read:
                yield return new($"{who} reads", Put(state, index, Begin(state, worker with { Read = state.Record })));
                break;
            case Call.Save when state.Record.Version != worker.Read.Version:
                yield return new($"{who} loses its save", state.With(index, worker with { Call = Call.Read, IsReadSlow = false }));
                break;
            case Call.Save:
                yield return new($"{who} saves", Saved(state, index)) { Violation = ViolationOf(state.Record, worker) };
                break;
            case Call.Publish:
                yield return new($"{who} publishes", Published(state, index));
                break;
            case Call.Create:
                foreach (var step in Create(state, index, who))
                {
                    yield return step;
                }

                break;
            case Call.Find:
                yield return new($"{who} looks up", Put(state, index, Found(state, worker)));
                break;
            case Call.Cancel:
                yield return new($"{who} cancels", Cancelled(state, index));
                break;
            case Call.Status:
                foreach (var step in Poll(state, index, who))
                {
                    yield return step;
                }

                break;
            default:
                yield return new($"{who} settles", Settled(state, index)) { Violation = ViolationOf(state, worker) };
                break;
        }
    }

    /// <summary>Saves a record with its messages, as the store does in one transaction.</summary>
    public BuildState Save(BuildState state, BuildRecord changed, bool hastens)
    {
        var (before, after) = (state.Record, changed with { Version = (byte)(state.Record.Version + 1) });
        return Publish(state with { Record = after }, before, after, hastens);
    }

    private static Worker End(Worker worker, Outcome outcome) => worker with
    {
        Call = Call.Settle,
        Outcome = outcome,
        Deciding = Deciding.None,
    };

    // What a worker no longer needs is forgotten, so that states which differ in it alone are one.
    private static BuildState Put(BuildState state, int index, Worker worker) => state.With(index, worker switch
    {
        { Call: Call.Settle, IsLate: true } => new(),
        { Call: Call.Settle } => new() { Topic = worker.Topic, Call = Call.Settle, Outcome = worker.Outcome, IsHolder = worker.IsHolder },
        _ => worker,
    });

    private Worker Begin(BuildState state, Worker worker)
    {
        var record = worker.Read;
        if (worker.Deciding != Deciding.None)
        {
            // It has lost its save.
            return Decide(state, worker, worker.Deciding);
        }

        switch (worker.Topic)
        {
            case Topic.Trigger when record.Remote == BuildRecord.None && record.IsTerminal:
                return record.Mark == 0 || !record.IsGivenUp || !finds || state.IsAftercareOver ? End(worker, Outcome.Done)
                    : record.IsPaused ? End(worker, Outcome.Pause)
                    : worker with { Call = Call.Find };
            case Topic.Trigger:
                return Decide(state, worker, Deciding.Begin);
            case Topic.Deadline:
                return Decide(state, worker, Deciding.Deadline);
            case Topic.Poll or Topic.Signal:
                return record.Remote == BuildRecord.None || (record.IsTerminal && !(record.IsGivenUp && !state.IsAftercareOver)) ? End(worker, Outcome.Done)
                    : record.IsPaused && !(mutation == Mutation.SignalIgnoresPause && worker.Topic == Topic.Signal) ? End(worker, Outcome.Pause)
                    : worker with { Call = MustCancel(record) ? Call.Cancel : Call.Status };
            default:
                worker = worker with { HadSucceeded = record.Remote != BuildRecord.None && state.RemoteOf(record.Remote) == Remote.Succeeded };
                return record.IsTerminal && mutation != Mutation.LetterEndsTwice || mutation == Mutation.DropsLetters ? End(worker, Outcome.Done)
                    : record.Remote == BuildRecord.None || record.IsTerminal || mutation == Mutation.LettersAskNothing ? Decide(state, worker, Deciding.BeginLetter)
                    : record.IsPaused ? End(worker, Outcome.Pause)
                    : worker with { Call = Call.Status };
        }
    }

    private bool MustCancel(BuildRecord record) => record.Cause != Cause.None && !(mutation == Mutation.CancelsOnce && record.Status == Status.Running);

    private Worker Decide(BuildState state, Worker worker, Deciding deciding)
    {
        worker = worker with { Deciding = deciding };
        var decision = _decisions.Decide(state, worker);
        return decision.Changed is { } changed && changed != worker.Read
            ? worker with { Call = Call.Save, Next = changed, Outcome = decision.Outcome, Hastens = decision.Hastens }
            : GoOn(state, worker, decision.Outcome);
    }

    private Worker GoOn(BuildState state, Worker worker, Outcome outcome)
    {
        worker = worker with { Next = default, Hastens = false, Outcome = Outcome.GoOn };
        if (outcome != Outcome.GoOn)
        {
            // A build is polled by one message alone, so that of a signal ends with its poll.
            return End(worker, worker is { Topic: Topic.Signal, Deciding: Deciding.Poll } ? Outcome.Done : outcome);
        }

        var record = worker.Read;
        switch (worker.Deciding)
        {
            case Deciding.Begin:
                return record.IsPaused ? End(worker, Outcome.Pause)
                    : record.Mark != 0 && finds ? worker with { Call = Call.Find }
                    : Decide(state, worker with { Mark = record.Mark }, Deciding.Mark);
            case Deciding.Mark:
                worker = worker with { Mark = record.Mark };
                return worker.IsSlow || worker.IsReadSlow ? Decide(state, worker with { IsSlow = false, IsReadSlow = false }, Deciding.Unmark) : worker with
                {
                    Call = Call.Create,
                    Deciding = Deciding.None,
                    IsReadSlow = false,
                };
            case Deciding.Adopt:
                return worker with { Call = Call.Cancel };
            case Deciding.AskLetter:
                return Decide(state, worker with { Answer = BuildRecord.None }, Deciding.BeginLetter);
            default:
                var isAsked = record.Remote != BuildRecord.None || (record.Mark != 0 && finds);
                worker = worker with { Mark = record.Mark, Answer = record.Remote };
                return isAsked && record.IsPaused ? End(worker, Outcome.Pause)
                    : record.Remote != BuildRecord.None ? worker with { Call = Call.Cancel }
                    : isAsked ? worker with { Call = Call.Find }
                    : Decide(state, worker, Deciding.EndLetter);
        }
    }

    private BuildState Saved(BuildState state, int index)
    {
        var worker = state[index];
        var before = worker.Read;
        var after = worker.Next with { Version = (byte)(before.Version + 1) };
        if (mutation == Mutation.PublishesAfterSave)
        {
            return (state with { Record = after }).With(index, worker with { Call = Call.Publish });
        }

        var saved = Publish(state with { Record = after }, before, after, worker.Hastens);
        return Put(saved, index, GoOn(saved, worker with { Read = after }, worker.Outcome));
    }

    private BuildState Published(BuildState state, int index)
    {
        var worker = state[index];
        if (worker.Topic == Topic.Poll && mutation == Mutation.PollPublishes)
        {
            return (state with { Poll = Slot.Pause }).With(index, new());
        }

        var after = worker.Next with { Version = (byte)(worker.Read.Version + 1) };
        var published = Publish(state, worker.Read, after, worker.Hastens);
        return Put(published, index, GoOn(published, worker with { Read = after }, worker.Outcome));
    }

    private BuildState Publish(BuildState state, BuildRecord before, BuildRecord after, bool hastens)
    {
        if (hastens)
        {
            var topic = after.Remote == BuildRecord.None ? Topic.Trigger : Topic.Poll;
            state = state.WithSlot(topic, state.SlotOf(topic).Published());
        }

        return before.IsSeenAs(after) && mutation != Mutation.WakesAlways ? state
            : mutation == Mutation.ChangesShareIdentity && (state.Changes > 0 || state.Told is not null) ? state
            : state with { Changes = (byte)(state.Changes + 1) };
    }

    private IEnumerable<Step<BuildState>> Create(BuildState state, int index, string who)
    {
        var worker = state[index];
        var isKnown = finds && state.Remote0 != Remote.Absent;
        var number = (sbyte)(isKnown || state.Remote0 == Remote.Absent ? 0 : 1);
        var created = isKnown || (number == 1 && state.Remote1 != Remote.Absent) ? state : state.WithRemote(number, Remote.Accepted);
        yield return new($"{who} triggers", Put(created, index, Decide(created, worker with { Answer = number }, Deciding.Adopt)));
        if (state.Left.Lost > 0)
        {
            var lost = created with { Left = state.Left with { Lost = (byte)(state.Left.Lost - 1) } };
            yield return Step.Fault($"{who} triggers, and the answer is lost", Put(lost, index, End(worker, Outcome.Settling)));
        }

        if (state.Left.Errors > 0)
        {
            var failed = state with { Left = state.Left with { Errors = (byte)(state.Left.Errors - 1) } };
            yield return Step.Fault($"{who} triggers in vain", Put(failed, index, Decide(failed, worker, Deciding.Reject)));
        }
    }

    private Worker Found(BuildState state, Worker worker)
    {
        var isFound = state.Remote0 != Remote.Absent;
        worker = worker with { Answer = isFound ? (sbyte)0 : BuildRecord.None };
        return worker.Topic != Topic.Trigger ? (isFound ? worker with { Call = Call.Cancel } : Decide(state, worker, Deciding.EndLetter))
            : isFound ? Decide(state, worker, Deciding.Adopt)
            : worker.Read.IsTerminal ? End(worker, Outcome.Done)
            : Decide(state, worker with { Mark = worker.Read.Mark }, Deciding.Mark);
    }

    private BuildState Cancelled(BuildState state, int index)
    {
        var worker = state[index];
        var number = worker.Deciding is Deciding.Adopt or Deciding.BeginLetter ? worker.Answer : worker.Read.Remote;
        var cancelled = stops && state.RemoteOf(number) is Remote.Accepted or Remote.Running ? state.WithRemote(number, Remote.Cancelled) : state;
        return Put(cancelled, index, worker switch
        {
            { Deciding: Deciding.Adopt } => Decide(cancelled, worker with { HasCancelled = true }, Deciding.Adopt),
            { Deciding: Deciding.BeginLetter } => Decide(cancelled, worker, Deciding.EndLetter),
            { Read.IsTerminal: true } => End(worker, Outcome.Done),
            _ => worker with { Call = Call.Status, HasCancelled = true },
        });
    }

    private IEnumerable<Step<BuildState>> Poll(BuildState state, int index, string who)
    {
        var worker = state[index];
        var isLetter = worker.Topic > Topic.Deadline;
        var violation = worker.Read.Cause != Cause.None && !worker.HasCancelled && !isLetter ? "O8: a poll did not send the cancel"
            : worker.Read.IsPaused ? "O6: the runner is called within its pause"
            : null;
        var answered = worker with { Answer = (sbyte)state.RemoteOf(worker.Read.Remote) };
        yield return new($"{who} polls", Put(state, index, Decide(state, answered, isLetter ? Deciding.AskLetter : Deciding.Poll))) { Violation = violation };
        if (state.Left.Errors > 0)
        {
            var failed = state with { Left = state.Left with { Errors = (byte)(state.Left.Errors - 1) } };
            failed = worker.Topic == Topic.Signal && state.Poll is Slot.Absent or Slot.Settling ? failed with { Poll = Slot.Pause } : failed;
            yield return Step.Fault(
                $"{who} polls in vain",
                mutation == Mutation.ErrorsCount
                    ? (failed with { Poll = Slot.Absent, PollLetter = Slot.Due }).With(index, new())
                    : Put(failed, index, Decide(failed, worker with { Answer = BuildRecord.None, HadSucceeded = false }, isLetter ? Deciding.AskLetter : Deciding.Poll)));
        }
    }

    private BuildState Settled(BuildState state, int index)
    {
        var worker = state[index];
        var free = state.With(index, new());
        return !worker.IsHolder ? free
            : mutation == Mutation.PollPublishes && worker is { Topic: Topic.Poll, Outcome: Outcome.Pause } ? (free with { Poll = Slot.Absent }).With(index, worker with { Call = Call.Publish })
            : free.WithSlot(worker.Topic, state.SlotOf(worker.Topic).Settled(worker.Outcome));
    }

    private string? ViolationOf(BuildRecord before, Worker worker) =>
        worker is { Deciding: Deciding.EndLetter, HadSucceeded: true, Next.Status: Status.Failed } ? "O7: a dead letter says failed of what the CI had ended well"
        : before.IsTerminal && before.Status != worker.Next.Status ? "O5: a terminal status has changed"
        : before.IsSeenAs(worker.Next) && mutation == Mutation.WakesAlways ? "O5: the owner is woken, and nothing has changed"
        : null;

    private static string? ViolationOf(BuildState state, Worker worker) =>
        worker is { Topic: Topic.TriggerLetter or Topic.PollLetter, Outcome: Outcome.Done, IsHolder: true } && !state.Record.IsTerminal ? "O7: a dead letter is gone, and its build has not ended" : null;
}
