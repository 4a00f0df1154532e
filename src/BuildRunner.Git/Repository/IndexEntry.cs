namespace BuildRunner.Git.Repository;

/// <summary>One file of an index, and what it was on the disk when git had written it.</summary>
/// <param name="Path">Its path below the root.</param>
/// <param name="ObjectId">Its content.</param>
/// <param name="Mode">Its type and its rights, as git has them.</param>
/// <param name="State">What it was on the disk.</param>
internal sealed record IndexEntry(ReadOnlyMemory<byte> Path, ReadOnlyMemory<byte> ObjectId, uint Mode, FileState State)
{
    private const uint GitLink = 0xE000;

    /// <summary>Gets a value indicating whether it stands for a submodule.</summary>
    public bool IsGitLink => Mode == GitLink;

    /// <summary>Gets a value indicating whether it decides how other files are written.</summary>
    public bool IsAttributes => Path.Span.EndsWith(".gitattributes"u8);
}
