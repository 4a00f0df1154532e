using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Verdicts;

/// <summary>
/// The fault that the maintainers of uber/submitqueue found with a model in TLA+ (spec/submitqueue/landoutcome): a dead letter says that a build has failed although it had ended well. Both obvious repairs are wrong.
/// </summary>
internal sealed class VerdictModel(Repair repair) : IModel<VerdictState>
{
    public VerdictState Start => new() { Faults = 2 };

    public IEnumerable<Step<VerdictState>> StepsFrom(VerdictState state)
    {
        var fault = state with { Faults = (byte)(state.Faults - 1) };
        if (!state.IsRequested)
        {
            yield return new("the request is published", state with { IsRequested = true, IsRequest = true });
        }

        if (state.IsRequest)
        {
            yield return new("the request is sent to the CI", state with { IsRequest = false, IsAtCi = true });
            if (state.Faults > 0)
            {
                // The last attempt, or one before it, may have been sent before it failed.
                yield return Step.Fault("the request becomes a dead letter", fault with { IsRequest = false, IsRequestDead = true });
                yield return Step.Fault(
                    "the request is sent, and becomes a dead letter",
                    fault with { IsRequest = false, IsRequestDead = true, IsAtCi = true });
            }
        }

        if (state.IsAtCi)
        {
            Verdict[] outcomes = state.AtCi == Verdict.None ? [Verdict.Succeeded, Verdict.Failed] : [state.AtCi];
            foreach (var outcome in outcomes)
            {
                yield return new($"the CI answers {outcome}", Answered(state with { IsAtCi = false, AtCi = outcome }, outcome));
            }
        }

        if (state.Answer != Verdict.None)
        {
            yield return new(
                "the answer is saved",
                state with { Answer = Verdict.None, Verdict = state.Verdict == Verdict.None ? state.Answer : state.Verdict });
            if (state.Faults > 0)
            {
                yield return Step.Fault("the answer becomes a dead letter", fault with { Answer = Verdict.None, IsAnswerDead = true });
            }
        }

        if (state.IsRequestDead)
        {
            yield return new("the dead request is handled", Repaired(state with { IsRequestDead = false }));
        }

        if (state.IsAnswerDead)
        {
            yield return new("the dead answer is handled", Repaired(state with { IsAnswerDead = false }));
        }
    }

    public IEnumerable<string> Judge(VerdictState state, bool isEnd)
    {
        if (state is { Verdict: Verdict.Failed, AtCi: Verdict.Succeeded })
        {
            yield return "V1: it is said to have failed, and had ended well";
        }

        if (isEnd && state.Verdict == Verdict.None)
        {
            yield return "V2: it never ends";
        }
    }

    private VerdictState Answered(VerdictState state, Verdict outcome) =>
        repair != Repair.AsksAgainByOccasion && state.IsAnswerKnown ? state : state with { Answer = outcome, IsAnswerKnown = true };

    private VerdictState Repaired(VerdictState state) => state.Verdict != Verdict.None ? state : repair switch
    {
        Repair.Fails => state with { Verdict = Verdict.Failed },
        Repair.Waits => state,
        _ => state with { IsAtCi = true },
    };
}
