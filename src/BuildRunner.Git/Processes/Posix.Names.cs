using System.Runtime.InteropServices;
using BuildRunner.Git.Repository;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Processes;

/// <content>The calls that make what lies in an open directory: names of any bytes, at any depth.</content>
internal static partial class Posix
{
    private const int ErrorNameTooLong = 36;
    private const int OpenWriteOnly = 0x1;
    private const int OpenExclusive = 0x80;

    /// <summary>Opens a directory in another one, and makes it first where it is not there.</summary>
    /// <param name="parent">The directory that it lies in.</param>
    /// <param name="name">Its name, with a zero at its end.</param>
    /// <returns>The directory, or <see langword="null"/> where there can be none of that name.</returns>
    /// <exception cref="IOException">It cannot be made for another reason.</exception>
    public static SafeFileHandle? MakeDirectory(SafeFileHandle parent, ReadOnlySpan<byte> name)
    {
        if (MakeDirectoryAt(parent, ref MemoryMarshal.GetReference(name), OwnerAll) != 0 && Marshal.GetLastPInvokeError() != ErrorExists)
        {
            return HasNoPlace() ? null : throw Failed(Describe(name), "made");
        }

        return OpenIn(parent, name, OpenDirectory | OpenNoFollow | CloseOnExec);
    }

    /// <summary>Opens a new file in a directory, to write it.</summary>
    /// <param name="parent">The directory that it lies in.</param>
    /// <param name="name">Its name, with a zero at its end.</param>
    /// <returns>The file, or <see langword="null"/> where there can be none of that name.</returns>
    /// <exception cref="IOException">It cannot be made for another reason.</exception>
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

    private static bool HasNoPlace() => Marshal.GetLastPInvokeError() is ErrorNoEntry or ErrorNotDirectory or ErrorExists or ErrorIsDirectory or ErrorNameTooLong;

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(SafeFileHandle parent, ref byte name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static partial int MakeDirectoryAt(SafeFileHandle parent, ref byte name, uint mode);
}
