using System.Runtime.InteropServices;
using BuildRunner.Git.Repository;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Processes;

/// <content>Calls that create entries of an open directory, with names of any bytes and at any depth.</content>
internal static partial class Posix
{
    private const int ErrorNameTooLong = 36;
    private const int OpenWriteOnly = 0x1;
    private const int OpenExclusive = 0x80;

    /// <summary>Opens a directory inside another one, and creates it if necessary.</summary>
    /// <param name="parent">The directory that contains it.</param>
    /// <param name="name">Its name, NUL-terminated.</param>
    /// <returns>The directory, or <see langword="null"/> if no directory can have that name.</returns>
    /// <exception cref="IOException">The directory cannot be created for another reason.</exception>
    public static SafeFileHandle? MakeDirectory(SafeFileHandle parent, ReadOnlySpan<byte> name)
    {
        if (MakeDirectoryAt(parent, ref MemoryMarshal.GetReference(name), OwnerAll) != 0 && Marshal.GetLastPInvokeError() != ErrorExists)
        {
            return HasNoPlace() ? null : throw Failed(Describe(name), "created");
        }

        return OpenIn(parent, name, OpenDirectory | OpenNoFollow | CloseOnExec);
    }

    /// <summary>Creates a file in a directory and opens it for writing.</summary>
    /// <param name="parent">The directory that contains it.</param>
    /// <param name="name">Its name, NUL-terminated.</param>
    /// <returns>The file, or <see langword="null"/> if no file can have that name.</returns>
    /// <exception cref="IOException">The file cannot be created for another reason.</exception>
    public static SafeFileHandle? MakeFile(SafeFileHandle parent, ReadOnlySpan<byte> name) =>
        OpenIn(parent, name, CloseOnExec | OpenCreate | OpenExclusive | OpenWriteOnly);

    private static SafeFileHandle? OpenIn(SafeFileHandle parent, ReadOnlySpan<byte> name, int flags)
    {
        int descriptor;
        while ((descriptor = OpenAt(parent, ref MemoryMarshal.GetReference(name), flags, OwnerReadWrite)) < 0)
        {
            if (Marshal.GetLastPInvokeError() != ErrorInterrupted)
            {
                return HasNoPlace() ? null : throw Failed(Describe(name), "opened");
            }
        }

        return new SafeFileHandle(descriptor, ownsHandle: true);
    }

    private static string Describe(ReadOnlySpan<byte> name) => GitPath.ToText(name[..^1]);

    private static bool HasNoPlace() => Marshal.GetLastPInvokeError()
        is ErrorNoEntry or ErrorNotDirectory or ErrorExists or ErrorIsDirectory or ErrorNameTooLong;

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(SafeFileHandle parent, ref byte name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MakeDirectoryAt(SafeFileHandle parent, ref byte name, uint mode);
}
