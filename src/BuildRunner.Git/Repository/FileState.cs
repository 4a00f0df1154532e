namespace BuildRunner.Git.Repository;

/// <summary>What changes when anything of a file does: its number, and when it was changed, which nobody can set.</summary>
/// <param name="Inode">The lower half of the number.</param>
/// <param name="ChangedAt">The seconds, by their lower half, and the nanoseconds.</param>
/// <param name="Size">The lower half of the size.</param>
internal readonly record struct FileState(uint Inode, (uint Seconds, uint Nanoseconds) ChangedAt, uint Size);
