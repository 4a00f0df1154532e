namespace BuildRunner.Git.Repository;

/// <summary>Represents the values that change whenever a file does: its inode, and its change time, which no program can set.</summary>
/// <param name="Inode">The lower half of the inode number.</param>
/// <param name="ChangedAt">The change time: the lower half of the seconds, and the nanoseconds.</param>
/// <param name="Size">The lower half of the size.</param>
internal readonly record struct FileState(uint Inode, (uint Seconds, uint Nanoseconds) ChangedAt, uint Size);
