using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Processes;

/// <summary>What the kernel says of a name, links not followed.</summary>
/// <param name="IsDirectory">Whether it is a directory.</param>
/// <param name="IsFile">Whether it is a regular file.</param>
/// <param name="IsMountRoot">Whether something is mounted there, or <see langword="null"/> where the kernel does not say, as before version 5.8.</param>
/// <param name="Rights">Its rights.</param>
/// <param name="Identity">What tells it from all others.</param>
/// <param name="State">What tells whether it has been touched.</param>
internal sealed record FileStatus(
    bool IsDirectory, bool IsFile, bool? IsMountRoot, UnixFileMode Rights, (ulong Device, ulong Inode) Identity, FileState State);
