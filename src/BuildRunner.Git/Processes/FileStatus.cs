using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Processes;

/// <summary>What the kernel says of a name, links not followed.</summary>
internal sealed record FileStatus(
    bool IsDirectory, bool IsFile, bool IsMountRoot, UnixFileMode Rights, (ulong Device, ulong Inode) Identity, FileState State);
