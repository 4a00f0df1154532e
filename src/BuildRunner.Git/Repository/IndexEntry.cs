namespace BuildRunner.Git.Repository;

/// <summary>Represents a file of an index, with its state on the disk when git had written it.</summary>
/// <param name="Path">Its path below the root.</param>
/// <param name="ObjectId">The id of its content.</param>
/// <param name="Mode">Its type and permissions, as git stores them.</param>
/// <param name="State">Its state on the disk.</param>
internal sealed record IndexEntry(ReadOnlyMemory<byte> Path, ReadOnlyMemory<byte> ObjectId, uint Mode, FileState State)
{
    private const uint GitLink = 0xE000;

    /// <summary>Gets a value indicating whether it is a submodule.</summary>
    public bool IsGitLink => Mode == GitLink;

    /// <summary>Gets a value indicating whether it defines attributes, which influence how other files are written.</summary>
    public bool IsAttributes => Path.Span.EndsWith(".gitattributes"u8);
}
