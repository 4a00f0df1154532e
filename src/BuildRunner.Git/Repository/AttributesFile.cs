namespace BuildRunner.Git.Repository;

/// <summary>One file of attributes.</summary>
/// <param name="Path">Its path below the root of the tree.</param>
/// <param name="Content">What stands in it.</param>
internal sealed record AttributesFile(ReadOnlyMemory<byte> Path, ReadOnlyMemory<byte> Content);
