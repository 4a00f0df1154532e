using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Supersede;

/// <summary>Builds that replace others (O19): what is replaced is cancelled in the transaction that creates what replaces it.</summary>
internal sealed class SupersedeModel(TaggedBuild old, SupersedeMutation mutation = SupersedeMutation.None) : IModel<SupersedeState>
{
    public SupersedeState Start => new() { Old = old, Crashes = 1 };

    public IEnumerable<Step<SupersedeState>> StepsFrom(SupersedeState state)
    {
        foreach (var number in new[] { 1, 2 })
        {
            var submitter = number == 1 ? state.First : state.Second;
            switch (submitter.Step)
            {
                case 0:
                    yield return new(
                        $"caller {number} reads",
                        state.With(number, new Submitter { Step = 1, Seen = state.Open, DocumentVersion = state.Version }));
                    break;
                case 1:
                    yield return new($"caller {number} creates", Created(state, number, submitter));
                    break;
                case 2:
                    yield return new(
                        $"caller {number} cancels the others",
                        Superseded(state, submitter.Seen).With(number, submitter with { Step = 3, Seen = 0 }));
                    if (state.Crashes > 0)
                    {
                        yield return Step.Fault(
                            $"caller {number} crashes",
                            state.With(number, submitter with { Step = 3, Seen = 0 }) with { Crashes = 0 });
                    }

                    break;
            }
        }

        if (state.Old == TaggedBuild.Open)
        {
            yield return Step.Fault("the old build ends", state with { Old = TaggedBuild.Ended });
        }
    }

    public IEnumerable<string> Judge(SupersedeState state, bool isEnd)
    {
        if (isEnd && (state.Open & (state.Open - 1)) != 0)
        {
            yield return "O19: two builds go on of which each replaces the other";
        }
    }

    private static SupersedeState Superseded(SupersedeState state, byte which)
    {
        for (var number = 0; number < 3; number++)
        {
            state = (which & (1 << number)) != 0 && state[number] == TaggedBuild.Open ? state.With(number, TaggedBuild.Superseded) : state;
        }

        return state;
    }

    // The versions of all that was read are compared; on a conflict everything is read again.
    private SupersedeState Created(SupersedeState state, int number, Submitter submitter)
    {
        if (mutation == SupersedeMutation.CancelsAfterwards)
        {
            return state.With(number, TaggedBuild.Open).With(number, submitter with { Step = 2 });
        }

        var isConflict = (submitter.Seen & ~state.Open) != 0 || (mutation != SupersedeMutation.ComparesBuildsOnly && submitter.DocumentVersion != state.Version);
        return isConflict
            ? state.With(number, default(Submitter))
            : Superseded(state, submitter.Seen).With(number, TaggedBuild.Open).With(number, new Submitter { Step = 3 }) with { Version = (byte)(state.Version + 1) };
    }
}
