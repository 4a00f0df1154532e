using System.Globalization;
using System.IO.Enumeration;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Processes;

/// <summary>Provides system calls of Linux that .NET lacks. The constants are those of the kernel on x64 and arm64, of glibc and of
/// musl.</summary>
[SupportedOSPlatform("linux")]
internal static partial class Posix
{
    public const int SigHangup = 1;
    public const int SigInterrupt = 2;
    public const int SigQuit = 3;
    public const int SigKill = 9;
    public const int SigTerm = 15;

    public const short SpawnSetSignalDefaults = 0x04;
    public const short SpawnSetSignalMask = 0x08;
    public const short SpawnSetSession = 0x80;

    public const int WaitExited = 4;
    public const int WaitNoReap = 0x01000000;

    public const short PollIn = 1;

    public const int ErrorNoEntry = 2;
    public const int ErrorInterrupted = 4;
    public const int ErrorAccess = 13;
    public const int ErrorTooManyLinks = 40;

    private const int ErrorNoExecutable = 8;
    private const int ErrorNoMemory = 12;
    private const int ErrorTableFull = 23;
    private const int ErrorTooManyFiles = 24;
    private const int ErrorTextBusy = 26;

    private const int CloseOnExec = 0x80000;
    private const int GetDescriptorFlags = 1;
    private const int ClosesOnExec = 1;

    /// <summary>Determines whether an error means that the file is not a program, and not that the machine cannot start one.</summary>
    public static bool IsErrorOfProgram(int error) =>
        error is ErrorNoEntry or ErrorNoExecutable or ErrorAccess or ErrorNotDirectory or ErrorTextBusy or ErrorTooManyLinks;

    /// <summary>Determines whether an error means that the machine or this process is out of descriptors, processes or memory for
    /// now.</summary>
    public static bool IsErrorOfLoad(int error) => error is ErrorWouldBlock or ErrorNoMemory or ErrorTableFull or ErrorTooManyFiles;

    /// <summary>Creates a pipe that children do not inherit.</summary>
    public static (SafeFileHandle Reader, SafeFileHandle Writer) CreatePipe()
    {
        Span<int> ends = stackalloc int[2];
        if (Pipe(ref MemoryMarshal.GetReference(ends), CloseOnExec) != 0)
        {
            throw new IOException($"Could not create a pipe: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        return (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
    }

    /// <summary>Gets the open descriptors that a child would inherit: those that this process inherited and those of native code, but none
    /// that .NET opened.</summary>
    /// <remarks>Descriptors that close on exec are left alone and close at the last moment. Until then the child holds the locks of this
    /// process, so nobody takes this process for dead before the child can be found.</remarks>
    public static IEnumerable<int> FindInheritedDescriptors() =>
        new FileSystemEnumerable<int>(
                "/proc/self/fd",
                static (ref entry) => int.Parse(entry.FileName, NumberStyles.None, CultureInfo.InvariantCulture))
            .Where(static descriptor => Control(descriptor, GetDescriptorFlags) is >= 0 and var flags && (flags & ClosesOnExec) == 0);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe(ref int ends, int flags);

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Control(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(ref PollEntry entry, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    public static partial int WaitId(int idType, int id, ref byte info, int options);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int WaitProcess(int process, out int status, int options);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Spawn(
        out int process,
        string path,
        ref byte fileActions,
        ref byte attributes,
        ref nint arguments,
        ref nint environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    public static partial int InitAttributes(ref byte attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    public static partial int DestroyAttributes(ref byte attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    public static partial int SetFlags(ref byte attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    public static partial int SetSignalDefaults(ref byte attributes, ref byte signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    public static partial int SetSignalMask(ref byte attributes, ref byte signals);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    public static partial int FillSignals(ref byte signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    public static partial int ClearSignals(ref byte signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    public static partial int InitFileActions(ref byte fileActions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    public static partial int DestroyFileActions(ref byte fileActions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddOpen(ref byte fileActions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    public static partial int AddDuplicate(ref byte fileActions, int descriptor, int newDescriptor);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclose")]
    public static partial int AddClose(ref byte fileActions, int descriptor);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddChangeDirectory(ref byte fileActions, string path);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}
