using System.Runtime.InteropServices;

namespace BuildRunner.Servers;

internal static partial class Posix
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>Sends a signal. A process that is gone already is nothing to complain about.</summary>
    [LibraryImport("libc", EntryPoint = "kill")]
    public static partial int Signal(int process, int signal);
}
