using System.Buffers.Binary;
using System.Runtime.InteropServices;
using BuildRunner.Git.Repository;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Processes;

/// <content>
/// Calls on the entries of an open directory. Names are NUL-terminated bytes, because they need not be UTF-8, and their paths may be longer
/// than a path may be.
/// </content>
internal static partial class Posix
{
    public const int ErrorBusy = 16;
    public const int ErrorIsDirectory = 21;
    public const int ErrorNoSpace = 28;
    public const int ErrorQuota = 122;

    private const int OpenPath = 0x200000;
    private const int RemoveDirectory = 0x200;
    private const int AttributesOffset = 8;
    private const int KnownAttributesOffset = 56;
    private const ulong IsMountRoot = 0x2000;
    private const int TypeFile = 0x8000;
    private const uint OwnerAll = 0x1C0;

    // struct dirent, the same on x64 and arm64, glibc and musl.
    private const int EntryTypeOffset = 18;
    private const int EntryNameOffset = 19;

    // The only flags that differ between machines.
    private static int OpenDirectory => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;

    private static int OpenNoFollow => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>Opens a directory inside another one for reading, without following links. Widens its permissions if necessary.</summary>
    /// <returns>The handle, or <see langword="null"/> with the error in <see cref="Marshal.GetLastPInvokeError"/>.</returns>
    public static SafeFileHandle? OpenDirectoryAt(SafeFileHandle directory, ReadOnlySpan<byte> name)
    {
        var descriptor = OpenAt(directory, name, OpenDirectory | OpenNoFollow | CloseOnExec);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == ErrorAccess)
        {
            const int PathOnly = OpenPath | CloseOnExec;
            using (SafeFileHandle path = new(OpenAt(directory, name, PathOnly | OpenDirectory | OpenNoFollow), ownsHandle: true))
            {
                if (!path.IsInvalid && StatusAt(path, "\0"u8) is { } status && IsMounted(status, directory))
                {
                    Marshal.SetLastPInvokeError(ErrorBusy);
                    return null;
                }

                if (path.IsInvalid || ChangeRightsOf($"/proc/self/fd/{path.DangerousGetHandle()}", OwnerAll) != 0)
                {
                    Marshal.SetLastPInvokeError(ErrorAccess);
                    return null;
                }
            }

            descriptor = OpenAt(directory, name, OpenDirectory | OpenNoFollow | CloseOnExec);
        }

        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Sets the permissions of an open directory, if allowed.</summary>
    public static void SetRights(SafeFileHandle directory, UnixFileMode rights) => _ = ChangeRights(directory, (uint)rights);

    /// <summary>Gets the status of an entry of a directory, or of the directory itself if the name is empty. Links are not
    /// followed.</summary>
    /// <returns>The status, or <see langword="null"/> if the entry does not exist or cannot be read.</returns>
    public static FileStatus? StatusAt(SafeFileHandle directory, ReadOnlySpan<byte> name)
    {
        Span<byte> status = stackalloc byte[256];
        ref var buffer = ref MemoryMarshal.GetReference(status);
        return StatusAt(directory, ref MemoryMarshal.GetReference(name), DoNotFollow | EmptyPath, StatBasic, ref buffer) == 0
            ? ReadStatus(status)
            : null;
    }

    /// <summary>Determines whether a directory is a mount point.</summary>
    /// <param name="status">The status of the directory.</param>
    /// <param name="parent">The directory that contains it.</param>
    /// <remarks>If the kernel does not report mount points, one that shows the same file system is not detected.</remarks>
    public static bool IsMounted(FileStatus status, SafeFileHandle parent) =>
        status.IsMountRoot ?? StatusAt(parent, "\0"u8)?.Identity.Device != status.Identity.Device;

    /// <summary>Gets the status of a path without following links, or <see langword="null"/> if it does not exist.</summary>
    public static FileStatus? StatusOf(string path)
    {
        Span<byte> status = stackalloc byte[256];
        return FileStatus(CurrentDirectory, path, DoNotFollow, StatBasic, ref MemoryMarshal.GetReference(status)) == 0
            ? ReadStatus(status)
            : null;
    }

    /// <summary>Deletes an entry of a directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="name">The name.</param>
    /// <param name="isDirectory">Whether the entry is a directory, which must be empty.</param>
    /// <returns>0 if the entry no longer exists; otherwise, the error.</returns>
    public static int DeleteAt(SafeFileHandle directory, ReadOnlySpan<byte> name, bool isDirectory) =>
        UnlinkAt(directory, ref MemoryMarshal.GetReference(name), isDirectory ? RemoveDirectory : 0) == 0
        || Marshal.GetLastPInvokeError() == ErrorNoEntry
            ? 0
            : Marshal.GetLastPInvokeError();

    /// <summary>Reports each name in a directory. The callback may delete the entry.</summary>
    /// <returns>0, or the error that ended the listing.</returns>
    public static int List(SafeFileHandle directory, Action<byte[], bool?> found)
    {
        // A separate descriptor, which the stream owns.
        var descriptor = OpenAt(directory, ".\0"u8, OpenDirectory | CloseOnExec);
        var stream = descriptor < 0 ? 0 : OpenStream(descriptor);
        if (stream == 0)
        {
            var error = Marshal.GetLastPInvokeError();
            new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
            return error;
        }

        try
        {
            while (true)
            {
                var entry = ReadStream(stream);
                if (entry == 0)
                {
                    return Marshal.GetLastPInvokeError();
                }

                if (ReadName(entry) is { } name)
                {
                    found(name, Marshal.ReadByte(entry, EntryTypeOffset) switch { 0 => null, 4 => true, _ => false });
                }
            }
        }
        finally
        {
            _ = CloseStream(stream);
        }
    }

    /// <summary>Gets the free and total space of a file system.</summary>
    /// <returns>The bytes and the files, 0 of 0 if the file system does not count them; <see langword="null"/> if unknown.</returns>
    public static ((ulong Left, ulong All) Bytes, (ulong Left, ulong All) Files)? RoomOf(string path)
    {
        // statvfs(3), eleven numbers of eight bytes: 1 is the size of a block, 2 all blocks, 4 the blocks available, 5 all files, 7 the
        // files available.
        Span<ulong> status = stackalloc ulong[32];
        return FileSystemStatus(path, ref MemoryMarshal.GetReference(status)) == 0
            ? ((status[4] * status[1], status[2] * status[1]), (status[7], status[5]))
            : null;
    }

    private static byte[]? ReadName(nint entry)
    {
        var length = 0;
        while (Marshal.ReadByte(entry, EntryNameOffset + length) != 0)
        {
            length++;
        }

        // Including the NUL.
        var name = new byte[length + 1];
        Marshal.Copy(entry + EntryNameOffset, name, 0, length);
        return name.AsSpan(0, length) is [(byte)'.'] or [(byte)'.', (byte)'.'] ? null : name;
    }

    private static FileStatus ReadStatus(ReadOnlySpan<byte> status)
    {
        var knowsMounts = (BinaryPrimitives.ReadUInt64LittleEndian(status[KnownAttributesOffset..]) & IsMountRoot) != 0;
        var mode = BinaryPrimitives.ReadUInt16LittleEndian(status[28..]);
        return new FileStatus(
            (mode & TypeMask) == TypeDirectory,
            (mode & TypeMask) == TypeFile,
            knowsMounts ? (BinaryPrimitives.ReadUInt64LittleEndian(status[AttributesOffset..]) & IsMountRoot) != 0 : null,
            (UnixFileMode)(mode & RightsMask),
            (BinaryPrimitives.ReadUInt64LittleEndian(status[136..]), BinaryPrimitives.ReadUInt64LittleEndian(status[32..])),
            new FileState(
                (uint)BinaryPrimitives.ReadUInt64LittleEndian(status[32..]),
                ((uint)BinaryPrimitives.ReadInt64LittleEndian(status[96..]), BinaryPrimitives.ReadUInt32LittleEndian(status[104..])),
                (uint)BinaryPrimitives.ReadUInt64LittleEndian(status[40..])));
    }

    private static int OpenAt(SafeFileHandle directory, ReadOnlySpan<byte> name, int flags) =>
        OpenAt(directory, ref MemoryMarshal.GetReference(name), flags);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(SafeFileHandle directory, ref byte name, int flags);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static partial int UnlinkAt(SafeFileHandle directory, ref byte name, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatusAt(SafeFileHandle directory, ref byte name, int flags, uint mask, ref byte status);

    [LibraryImport("libc", EntryPoint = "fchmod", SetLastError = true)]
    private static partial int ChangeRights(SafeFileHandle file, uint rights);

    [LibraryImport("libc", EntryPoint = "chmod", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeRightsOf(string path, uint rights);

    [LibraryImport("libc", EntryPoint = "fdopendir", SetLastError = true)]
    private static partial nint OpenStream(int descriptor);

    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    private static partial nint ReadStream(nint stream);

    [LibraryImport("libc", EntryPoint = "closedir")]
    private static partial int CloseStream(nint stream);

    [LibraryImport("libc", EntryPoint = "statvfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int FileSystemStatus(string path, ref ulong status);
}
