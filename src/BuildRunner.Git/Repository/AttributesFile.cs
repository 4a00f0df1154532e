namespace BuildRunner.Git.Repository;

/// <summary>Represents a file of attributes.</summary>
/// <param name="Path">Its path below the root of the tree.</param>
/// <param name="Content">Its content.</param>
internal sealed record AttributesFile(ReadOnlyMemory<byte> Path, ReadOnlyMemory<byte> Content);
