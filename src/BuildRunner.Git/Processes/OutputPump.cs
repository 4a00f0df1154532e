using System.Runtime.Versioning;
using BuildRunner.Git.Logs;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Processes;

/// <summary>Copies the output of a pipe to a log until the pipe ends or the pump is stopped.</summary>
/// <remarks>It uses a thread of its own and poll(2), because a read of a pipe cannot be cancelled, and an escaped process may hold the
/// other end forever.</remarks>
[SupportedOSPlatform("linux")]
internal sealed class OutputPump : IDisposable
{
    private const int PollMilliseconds = 50;
    private const int BufferSize = 64 * 1024;

    private readonly SafeFileHandle _output;
    private readonly BuildLog _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _ended;

    public OutputPump(SafeFileHandle output, BuildLog log)
    {
        _output = output;
        _log = log;

        // Keeps the descriptor from being reused before the pump has ended.
        var held = false;
        output.DangerousAddRef(ref held);
        _ended = Task.Factory.StartNew(Pump, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits for the end of the pipe, or until the time limit.</summary>
    public async Task WaitForEndAsync(TimeSpan limit, TimeProvider timeProvider)
    {
        try
        {
            await _ended.WaitAsync(limit, timeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // A process that the command started holds the pipe. The build does not wait for it.
        }
    }

    /// <summary>Copies what is in the pipe now, and stops.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _ended.ConfigureAwait(false);
    }

    public void Dispose() => _stop.Dispose();

    private void Pump()
    {
        try
        {
            Copy();
        }
        finally
        {
            _output.DangerousRelease();
        }
    }

    private void Copy()
    {
        // Not owned: the handle belongs to the child process. Unbuffered, because poll tells about the pipe.
        using SafeFileHandle handle = new(_output.DangerousGetHandle(), ownsHandle: false);
        using FileStream pipe = new(handle, FileAccess.Read, bufferSize: 0);
        var buffer = new byte[BufferSize];
        while (true)
        {
            // Checked before the poll: everything written before the stop is copied, and an endless writer is not followed.
            var stopping = _stop.IsCancellationRequested;
            if (!IsReadable(stopping ? 0 : PollMilliseconds))
            {
                if (stopping)
                {
                    return;
                }

                continue;
            }

            var count = pipe.Read(buffer);
            if (count == 0)
            {
                return;
            }

            _log.Append(buffer.AsSpan(0, count));
            if (stopping)
            {
                return;
            }
        }
    }

    private bool IsReadable(int milliseconds)
    {
        var entry = new Posix.PollEntry { Descriptor = (int)_output.DangerousGetHandle(), Events = Posix.PollIn };
        return Posix.Poll(ref entry, 1, milliseconds) > 0;
    }
}
