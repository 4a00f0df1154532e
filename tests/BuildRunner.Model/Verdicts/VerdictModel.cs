using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Verdicts;

/// <summary>What is done about a dead letter of a request or of an answer.</summary>
internal enum Repair
{
    /// <summary>The build is failed. It is wrong where the build had ended well and only the answer is lost.</summary>
    Fails,

    /// <summary>The build is left alone, for the answer to come. It is wrong where that was the dead letter: nothing ends it.</summary>
    Waits,

    /// <summary>The CI is asked again, and answers under the identity of the request. It is wrong where the queue knows that identity already: the second answer is swallowed.</summary>
    AsksAgain,

    /// <summary>The CI is asked again, and each answer has an identity of its own.</summary>
    AsksAgainByOccasion,
}

/// <summary>How the build is here.</summary>
internal enum Verdict : byte { None, Succeeded, Failed }

/// <summary>Represents a request to a CI, its answer, and what became of both.</summary>
internal readonly record struct VerdictState
{
    public Verdict Verdict { get; init; }

    public bool IsRequested { get; init; }

    public bool IsRequest { get; init; }

    public bool IsRequestDead { get; init; }

    /// <summary>Gets how the build has ended at the CI. It runs once, however often it is asked for.</summary>
    public Verdict AtCi { get; init; }

    public bool IsAtCi { get; init; }

    public Verdict Answer { get; init; }

    public bool IsAnswerDead { get; init; }

    /// <summary>Gets a value indicating whether the queue knows the identity of the answer. It never forgets one.</summary>
    public bool IsAnswerKnown { get; init; }

    public byte Faults { get; init; }
}

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
                yield return new("the request becomes a dead letter", fault with { IsRequest = false, IsRequestDead = true }) { IsFault = true };
                yield return new("the request is sent, and becomes a dead letter", fault with { IsRequest = false, IsRequestDead = true, IsAtCi = true }) { IsFault = true };
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
            yield return new("the answer is saved", state with { Answer = Verdict.None, Verdict = state.Verdict == Verdict.None ? state.Answer : state.Verdict });
            if (state.Faults > 0)
            {
                yield return new("the answer becomes a dead letter", fault with { Answer = Verdict.None, IsAnswerDead = true }) { IsFault = true };
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
