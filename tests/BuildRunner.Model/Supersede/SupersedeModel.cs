using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Supersede;

/// <summary>A deliberate mistake in superseding (O19).</summary>
internal enum SupersedeMutation
{
    None,

    /// <summary>The builds that are replaced are cancelled after the new one is created.</summary>
    CancelsAfterwards,

    /// <summary>Only the builds that were read are compared, and not whether there are others by now.</summary>
    ComparesBuildsOnly,
}

/// <summary>Represents a build of the tag, as its record is.</summary>
internal enum TaggedBuild : byte { Absent, Open, Superseded, Ended }

/// <summary>Represents a caller who submits a build in place of all open ones of the tag.</summary>
internal readonly record struct Submitter
{
    /// <summary>Gets how far it has come: not begun, read, created, done.</summary>
    public byte Step { get; init; }

    /// <summary>Gets the builds that it has read as open, a bit for each.</summary>
    public byte Seen { get; init; }

    public byte DocumentVersion { get; init; }
}

/// <summary>Represents an old build of a tag, and two callers whose builds replace it.</summary>
internal readonly record struct SupersedeState
{
    public TaggedBuild Old { get; init; }

    public TaggedBuild FirstBuild { get; init; }

    public TaggedBuild SecondBuild { get; init; }

    public Submitter First { get; init; }

    public Submitter Second { get; init; }

    /// <summary>Gets the version of the document of the tag.</summary>
    public byte Version { get; init; }

    public byte Crashes { get; init; }

    public TaggedBuild this[int number] => number switch { 0 => Old, 1 => FirstBuild, _ => SecondBuild };

    public SupersedeState With(int number, TaggedBuild build) => number switch { 0 => this with { Old = build }, 1 => this with { FirstBuild = build }, _ => this with { SecondBuild = build } };

    public SupersedeState With(int number, Submitter submitter) => number == 1 ? this with { First = submitter } : this with { Second = submitter };

    public byte Open
    {
        get
        {
            var open = 0;
            for (var number = 0; number < 3; number++)
            {
                open |= this[number] == TaggedBuild.Open ? 1 << number : 0;
            }

            return (byte)open;
        }
    }
}

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
                    yield return new($"caller {number} reads", state.With(number, new Submitter { Step = 1, Seen = state.Open, DocumentVersion = state.Version }));
                    break;
                case 1:
                    yield return new($"caller {number} creates", Created(state, number, submitter));
                    break;
                case 2:
                    yield return new($"caller {number} cancels the others", Superseded(state, submitter.Seen).With(number, submitter with { Step = 3, Seen = 0 }));
                    if (state.Crashes > 0)
                    {
                        yield return new($"caller {number} crashes", state.With(number, submitter with { Step = 3, Seen = 0 }) with { Crashes = 0 }) { IsFault = true };
                    }

                    break;
            }
        }

        if (state.Old == TaggedBuild.Open)
        {
            yield return new("the old build ends", state with { Old = TaggedBuild.Ended }) { IsFault = true };
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
