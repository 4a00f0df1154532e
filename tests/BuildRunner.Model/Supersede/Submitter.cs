using BuildRunner.Model.Exploring;

namespace BuildRunner.Model.Supersede;

/// <summary>Represents a caller who submits a build in place of all open ones of the tag.</summary>
internal readonly record struct Submitter
{
    /// <summary>Gets how far it has come: not begun, read, created, done.</summary>
    public byte Step { get; init; }

    /// <summary>Gets the builds that it has read as open, a bit for each.</summary>
    public byte Seen { get; init; }

    public byte DocumentVersion { get; init; }
}
