using BuildRunner.Model.Builds;
using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Limits;

/// <summary>
/// Three limits (O13): from the id until it is seen running, from there to its end, and all of it; and what a hold of the runner (O17) does to them. One message looks at whichever comes next; a duplicate hastens it. Each handling is one step, because its save decides again about the record as it then is.
/// </summary>
/// <param name="hasPending">Whether there is a limit from the id until it is seen running.</param>
/// <param name="mutation">The mistake, if any.</param>
internal sealed class LimitModel(bool hasPending = true, LimitMutation mutation = LimitMutation.None) : IModel<LimitState>
{
    public LimitState Start => new() { IsDeadlineThere = true, Waits = Limit.Total, Holds = 2 };

    public IEnumerable<Step<LimitState>> StepsFrom(LimitState state)
    {
        if (state is { IsMarked: false, IsTerminal: false, IsHeld: false })
        {
            yield return state.IsTotalOver
                ? new("it is not marked any more", state with { Status = Status.Failed, CancelledBy = Limit.Total, EndNames = Limit.Total })
                : new("it is marked", state with { IsMarked = true });
        }

        if (state is { IsMarked: true, HasId: false, IsTerminal: false })
        {
            var withId = state with { HasId = true };
            yield return new(
                "its id is saved",
                mutation == LimitMutation.IdPublishesNothing || !hasPending || state.CancelledBy != Limit.None ? withId : Hasten(withId, Limit.Pending));
        }

        if (state is { HasId: true, RunsAtCi: false, EndedAtCi: false })
        {
            yield return new("the CI runs it", state with { RunsAtCi = true });
        }

        if (state is { RunsAtCi: true, EndedAtCi: false })
        {
            yield return Step.Fault("the CI ends it", state with { EndedAtCi = true });
        }

        if (state is { HasId: true, IsTerminal: false })
        {
            yield return new("it is polled", Polled(state));
        }

        if (state.IsHeld || state.Holds > 0)
        {
            yield return state.IsHeld ? new("the hold is lifted", state with { IsHeld = false })
                : new("the runner is held", state with { IsHeld = true, Holds = (byte)(state.Holds - 1) }) { IsFault = true };
        }

        foreach (var step in TimesFrom(state))
        {
            yield return step;
        }

        if (state is { IsDeadlineThere: true, Waits: Limit.None })
        {
            yield return Looked(state);
        }
    }

    public IEnumerable<string> Judge(LimitState state, bool isEnd)
    {
        if (state is { CancelledBy: Limit.Pending, IsPendingOver: false } or { CancelledBy: Limit.Pending or Limit.Total, IsOverTooEarly: true } or { CancelledBy: Limit.Run, IsRunOver: false } or { CancelledBy: Limit.Total, IsTotalOver: false })
        {
            yield return "O13: it is cancelled by a limit that has not passed";
        }

        if (state is { Status: Status.Failed } && state.EndNames != state.CancelledBy)
        {
            yield return "O13: its end does not say by which limit";
        }

        if (!state.IsTerminal && state is { IsDeadlineThere: false })
        {
            yield return "O13: nothing looks at its limits";
        }

        // A limit that has passed is looked at, or will be at once.
        var passed = state is { Status: Status.Accepted, HasId: true, IsPendingOver: true } ? Limit.Pending : state is { Status: Status.Running, IsRunOver: true } ? Limit.Run : Limit.None;
        if (passed != Limit.None && state is { IsTerminal: false, CancelledBy: Limit.None, IsDeadlineThere: true } && state.Waits is not Limit.None && state.Waits != passed)
        {
            yield return "O13: a limit has passed, and nothing looks at it";
        }

        if (isEnd && !state.IsTerminal)
        {
            yield return "O9: it never ends";
        }
    }

    // A duplicate only hastens: it waits for the earlier of the two.
    private static LimitState Hasten(LimitState state, Limit limit) => state with { Waits = state.Waits < limit ? state.Waits : limit };

    private LimitState Polled(LimitState state)
    {
        if (state.CancelledBy != Limit.None)
        {
            // The runner stops what it is told to stop.
            return state.EndedAtCi ? state with { Status = Status.Succeeded }
                : state with
                {
                    Status = Status.Failed,
                    EndedAtCi = true,
                    EndNames = mutation == LimitMutation.ForgetsLimit ? Limit.Total : state.CancelledBy,
                };
        }

        if (state.EndedAtCi)
        {
            return state with { Status = Status.Succeeded };
        }

        if (state.RunsAtCi && state.Status == Status.Accepted)
        {
            var running = state with { Status = Status.Running };
            return mutation == LimitMutation.RunPublishesNothing ? running : Hasten(running, Limit.Run);
        }

        return state;
    }

    // While the runner is held, the time of a build that waits for it stands still: all of it before the mark, and that of the pending limit once there is an id. The call in between is short.
    private IEnumerable<Step<LimitState>> TimesFrom(LimitState state)
    {
        var stands = state.IsHeld && state.Status == Status.Accepted;
        var isCounted = (state.HasId || mutation == LimitMutation.CountsOwnWaiting) && (!stands || mutation == LimitMutation.CountsHolds);
        if (hasPending && isCounted && state is { Status: Status.Accepted, IsPendingOver: false })
        {
            yield return new(
                "the pending limit passes",
                Passed(state with { IsPendingOver = true, IsTotalFirst = state.IsTotalOver, IsOverTooEarly = !state.HasId || stands }, Limit.Pending));
        }

        if (state is { Status: Status.Running, IsRunOver: false })
        {
            yield return new("the run limit passes", Passed(state with { IsRunOver = true, IsTotalFirst = state.IsTotalOver }, Limit.Run));
        }

        if (!state.IsTotalOver && (!stands || state.HasId || (mutation == LimitMutation.CountsHolds && !state.IsMarked)))
        {
            // A hold puts off a limit that has passed as well, if nothing has looked at it before.
            yield return new(
                "the total limit passes",
                Passed(state with { IsTotalOver = true, IsTotalFirst = state.IsTotalFirst || (stands && state.IsPendingOver), IsOverTooEarly = state.IsOverTooEarly || (stands && !state.HasId), IsPendingOver = state.IsPendingOver || (hasPending && !stands && state is { HasId: true, Status: Status.Accepted }), IsRunOver = state.IsRunOver || state.Status == Status.Running }, Limit.Total));
        }
    }

    private static LimitState Passed(LimitState state, Limit limit) => state.Waits != Limit.None && state.Waits <= limit ? state with { Waits = Limit.None } : state;

    private Step<LimitState> Looked(LimitState state)
    {
        if (state.IsTerminal || state.CancelledBy != Limit.None)
        {
            // The rest is the grace of O9.
            return new(
                "the deadline looks, and leaves it",
                state.IsTerminal ? state with { IsDeadlineThere = false } : state with { Waits = Limit.Total, IsTotalOver = true });
        }

        // Of two, the one that passed first.
        var passed = mutation == LimitMutation.TrustsMessage && state.IsPendingOver ? Limit.Pending
            : state.IsTotalFirst ? Limit.Total
            : state is { Status: Status.Accepted, HasId: true, IsPendingOver: true } ? Limit.Pending
            : state is { Status: Status.Running, IsRunOver: true } ? Limit.Run
            : state.IsTotalOver ? Limit.Total
            : Limit.None;
        if (passed == Limit.None)
        {
            var next = state is { Status: Status.Running } ? Limit.Run : state.HasId && hasPending ? Limit.Pending : Limit.Total;
            return new("the deadline looks, and waits on", state with { Waits = next });
        }

        // Before the mark there is nothing to stop.
        return new(
            $"the deadline cancels: {passed}",
            state.IsMarked ? state with { CancelledBy = passed, Waits = Limit.Total, IsTotalOver = true } : state with
            {
                Status = Status.Failed,
                CancelledBy = passed,
                EndNames = passed,
                Waits = Limit.Total,
                IsTotalOver = true,
            })
        {
            Violation = passed == Limit.Pending && state.Status == Status.Running ? "O13: a build that runs is cancelled because it was pending" : null,
        };
    }
}
