using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Processes;

/// <content>Calls on files.</content>
internal static partial class Posix
{
    public const int LockExclusive = 2;
    public const int LockNoWait = 4;

    private const int LockNone = 8;

    private const int ErrorWouldBlock = 11;
    private const int ErrorExists = 17;
    public const int ErrorNotDirectory = 20;

    private const int OpenCreate = 0x40;
    private const int OpenNoWait = 0x800;
    private const uint OwnerReadWrite = 0x180;

    private const int CurrentDirectory = -100;
    private const int EmptyPath = 0x1000;
    private const int DoNotFollow = 0x100;
    private const uint StatInode = 0x100;
    private const uint StatBasic = 0x7FF;
    private const int TypeMask = 0xF000;
    private const int TypeDirectory = 0x4000;
    private const int RightsMask = 0xFFF;

    /// <summary>Opens a file or directory to lock or sync it. Children do not inherit it. It does not block on a named pipe, which a build
    /// may have put there.</summary>
    /// <returns>The handle, or <see langword="null"/> if nothing exists at the path.</returns>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static SafeFileHandle? OpenFile(string path, bool create)
    {
        int descriptor;
        while ((descriptor = Open(path, CloseOnExec | OpenNoWait | (create ? OpenCreate : 0), OwnerReadWrite)) < 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case ErrorInterrupted:
                    continue;
                case ErrorNoEntry or ErrorNotDirectory:
                    return null;
                default:
                    throw Failed(path, "opened");
            }
        }

        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Locks an open file with flock(2).</summary>
    /// <returns><see langword="false"/> if the call must not wait and the lock is taken; otherwise, <see langword="true"/>.</returns>
    /// <exception cref="IOException">The file cannot be locked.</exception>
    public static bool Lock(SafeFileHandle handle, string path, int operation)
    {
        while (FileLock(handle, operation) != 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case ErrorInterrupted:
                    continue;
                case ErrorWouldBlock:
                    return false;
                default:
                    throw Failed(path, "locked");
            }
        }

        return true;
    }

    public static void Unlock(SafeFileHandle handle) => _ = FileLock(handle, LockNone);

    /// <summary>Flushes a file or directory to the disk.</summary>
    /// <exception cref="IOException">It could not be flushed.</exception>
    public static void Sync(SafeFileHandle handle, string path)
    {
        // Not retried after an error: the kernel reports it once and drops the data.
        if (FileSync(handle) != 0)
        {
            throw Failed(path, "written to the disk");
        }
    }

    /// <summary>Creates a hard link to a file.</summary>
    /// <returns><see langword="false"/> if the new path already exists; otherwise, <see langword="true"/>.</returns>
    /// <exception cref="IOException">The link cannot be created for another reason.</exception>
    public static bool TryLink(string path, string newPath) =>
        Link(path, newPath) == 0 || (Marshal.GetLastPInvokeError() == ErrorExists ? false : throw Failed(newPath, "created"));

    /// <summary>Gets the unique identity of an open file.</summary>
    public static (ulong Device, ulong Inode)? IdentityOf(SafeFileHandle handle) =>
        Identity((int)handle.DangerousGetHandle(), "", EmptyPath);

    /// <summary>Gets the unique identity of the file that a path names now, or <see langword="null"/> if there is none.</summary>
    public static (ulong Device, ulong Inode)? IdentityOf(string path) => Identity(CurrentDirectory, path, 0);

    // statx(2), the same on every machine: the inode is at offset 32, the device at 136.
    private static (ulong Device, ulong Inode)? Identity(int directory, string path, int flags)
    {
        Span<byte> status = stackalloc byte[256];
        return FileStatus(directory, path, flags, StatInode, ref MemoryMarshal.GetReference(status)) == 0
            ? (BinaryPrimitives.ReadUInt64LittleEndian(status[136..]), BinaryPrimitives.ReadUInt64LittleEndian(status[32..]))
            : null;
    }

    private static IOException Failed(string path, string verb) =>
        new($"'{path}' could not be {verb}: {Marshal.GetLastPInvokeErrorMessage()}.", Marshal.GetLastPInvokeError());

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FileLock(SafeFileHandle handle, int operation);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FileSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string path, string newPath);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileStatus(int directory, string path, int flags, uint mask, ref byte status);
}
