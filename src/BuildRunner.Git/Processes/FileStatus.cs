using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Processes;

/// <summary>Represents the status of a file or directory. Links are not followed.</summary>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="IsFile">Whether it is a regular file.</param>
/// <param name="IsMountRoot">Whether it is a mount point, or <see langword="null"/> if the kernel does not report it, as before version
/// 5.8.</param>
/// <param name="Rights">Its permissions.</param>
/// <param name="Identity">Its unique identity.</param>
/// <param name="State">The values that change when it is modified.</param>
internal sealed record FileStatus(
    bool IsDirectory, bool IsFile, bool? IsMountRoot, UnixFileMode Rights, (ulong Device, ulong Inode) Identity, FileState State);
