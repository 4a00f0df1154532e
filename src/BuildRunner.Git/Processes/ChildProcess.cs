using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Processes;

/// <summary>Represents a process in a session of its own that writes all output to one pipe.</summary>
/// <remarks>A build needs what neither <see cref="System.Diagnostics.Process"/> nor a library on top of it can do: start a session, so that
/// all descendants can be signalled together; notice the end of the leader while a descendant still holds the pipe; and keep the leader
/// unreaped, so that no other process gets its id, which is also that of the group, before the group is killed.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class ChildProcess : IDisposable
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    // Larger than the opaque types of any C library (glibc: 80, 128 and 336 bytes).
    private const int OpaqueSize = 1024;

    private readonly int _id;

    private ChildProcess(int id, SafeFileHandle output)
    {
        _id = id;
        Output = output;
        Ended = Task.Factory.StartNew(WaitForEnd, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Gets the id of the process, which is also that of its group and session.</summary>
    public int Id => _id;

    /// <summary>Gets the read end of the pipe that the process and its descendants write to.</summary>
    public SafeFileHandle Output { get; }

    /// <summary>Gets a task that completes when the process has ended, even if descendants still run.</summary>
    public Task Ended { get; }

    /// <exception cref="Win32Exception">The program could not be started.</exception>
    public static ChildProcess Start(
        string program,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment,
        string directory)
    {
        using var nativeArguments = new NativeStrings(arguments);
        using var nativeEnvironment = new NativeStrings([.. environment.Select(static pair => $"{pair.Key}={pair.Value}")]);
        var (reader, writer) = Posix.CreatePipe();
        using (writer)
        {
            Span<byte> actions = stackalloc byte[OpaqueSize];
            Span<byte> attributes = stackalloc byte[OpaqueSize];
            ref var action = ref MemoryMarshal.GetReference(actions);
            ref var attribute = ref MemoryMarshal.GetReference(attributes);
            Check(Posix.InitFileActions(ref action));
            Check(Posix.InitAttributes(ref attribute));
            try
            {
                Redirect(ref action, writer, directory);
                Detach(ref attribute);
                Check(Posix.Spawn(out var id, program, ref action, ref attribute, ref nativeArguments.First, ref nativeEnvironment.First));
                return new ChildProcess(id, reader);
            }
            catch
            {
                reader.Dispose();
                throw;
            }
            finally
            {
                _ = Posix.DestroyAttributes(ref attribute);
                _ = Posix.DestroyFileActions(ref action);
            }
        }
    }

    /// <summary>Sends a signal to the whole group. Does nothing if no process of it is left.</summary>
    public void Signal(int signal) => _ = Posix.Kill(-_id, signal);

    /// <summary>Reaps the process after its end.</summary>
    /// <returns>How the process ended.</returns>
    public ProcessEnd Reap()
    {
        int status;
        while (Posix.WaitProcess(_id, out status, 0) < 0)
        {
            // Other code in this process took the status, so nothing is known, least of all success.
            var error = Marshal.GetLastPInvokeError();
            if (error != Posix.ErrorInterrupted)
            {
                throw new Win32Exception(error);
            }
        }

        var signal = status & 0x7F;
        return signal == 0 ? new ProcessEnd((status >> 8) & 0xFF, 0) : new ProcessEnd(0, signal);
    }

    public void Dispose() => Output.Dispose();

    private static void Redirect(ref byte actions, SafeFileHandle writer, string directory)
    {
        var descriptor = (int)writer.DangerousGetHandle();
        Check(Posix.AddOpen(ref actions, 0, "/dev/null", 0, 0));
        Check(Posix.AddDuplicate(ref actions, descriptor, StandardOutput));
        Check(Posix.AddDuplicate(ref actions, descriptor, StandardError));
        foreach (var inherited in Posix.FindInheritedDescriptors().Where(static inherited => inherited > StandardError))
        {
            Check(Posix.AddClose(ref actions, inherited));
        }

        Check(Posix.AddChangeDirectory(ref actions, directory));
    }

    private static void Detach(ref byte attributes)
    {
        Span<byte> signals = stackalloc byte[OpaqueSize];
        ref var set = ref MemoryMarshal.GetReference(signals);

        // .NET ignores SIGPIPE, which the child would inherit.
        _ = Posix.FillSignals(ref set);
        Check(Posix.SetSignalDefaults(ref attributes, ref set));
        _ = Posix.ClearSignals(ref set);
        Check(Posix.SetSignalMask(ref attributes, ref set));
        Check(Posix.SetFlags(ref attributes, Posix.SpawnSetSession | Posix.SpawnSetSignalDefaults | Posix.SpawnSetSignalMask));
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new Win32Exception(error);
        }
    }

    private void WaitForEnd()
    {
        const int ByProcess = 1;
        Span<byte> info = stackalloc byte[OpaqueSize];
        while (Posix.WaitId(ByProcess, _id, ref MemoryMarshal.GetReference(info), Posix.WaitExited | Posix.WaitNoReap) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error != Posix.ErrorInterrupted)
            {
                throw new Win32Exception(error);
            }
        }
    }
}
