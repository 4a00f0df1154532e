namespace BuildRunner.Model.Builds;

/// <summary>Represents the record of a build. Of its times it has what follows from them.</summary>
internal readonly record struct BuildRecord()
{
    public const sbyte None = -1;

    public byte Version { get; init; } = 1;

    public Status Status { get; init; }

    /// <summary>Gets the number of the build at the CI, or <see cref="None"/>.</summary>
    public sbyte Remote { get; init; } = None;

    /// <summary>Gets the epoch in which the mark was set, or 0 for no mark. A mark of an earlier epoch than the present is settled.</summary>
    public byte Mark { get; init; }

    public Cause Cause { get; init; }

    public Phase Phase { get; init; }

    /// <summary>Gets a value indicating whether the runner is not to be called yet.</summary>
    public bool IsPaused { get; init; }

    public byte Errors { get; init; }

    /// <summary>Gets a value indicating whether the build was ended because its time was over.</summary>
    public bool IsGivenUp { get; init; }

    /// <summary>Gets the superfluous builds that the note names, a bit for each.</summary>
    public byte Notes { get; init; }

    public bool IsTerminal => Status >= Status.Succeeded;

    public bool MayBeRemote => Remote != None || Mark != 0;

    public bool IsSeenAs(BuildRecord other) => Status == other.Status && Remote == other.Remote;
}
