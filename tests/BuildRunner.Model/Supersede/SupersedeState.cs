namespace BuildRunner.Model.Supersede;

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
