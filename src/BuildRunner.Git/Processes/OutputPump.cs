using System.Runtime.Versioning;
using BuildRunner.Git.Logs;
using Microsoft.Win32.SafeHandles;

namespace BuildRunner.Git.Processes;

/// <summary>Copies what comes out of a pipe to a log, until the pipe ends or the pump is stopped.</summary>
/// <remarks>On a thread of its own with poll(2), because a read of a pipe cannot be taken back, and a process that has escaped may hold the other end for ever.</remarks>
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

        // Until the pump has ended, the number of the descriptor is nobody else's.
        var held = false;
        output.DangerousAddRef(ref held);
        _ended = Task.Factory.StartNew(Pump, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits for the end of the pipe, at most for a while.</summary>
    public async Task WaitForEndAsync(TimeSpan limit, TimeProvider timeProvider)
    {
        try
        {
            await _ended.WaitAsync(limit, timeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // Something that the command has started holds the pipe: the build does not wait for it.
        }
    }

    /// <summary>Takes what is in the pipe now, and ends.</summary>
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
        // Not owned: the handle is its child's. No buffer of its own, because what poll says is about the pipe.
        using var pipe = new FileStream(new SafeFileHandle(_output.DangerousGetHandle(), ownsHandle: false), FileAccess.Read, bufferSize: 0);
        var buffer = new byte[BufferSize];
        while (true)
        {
            // Read before the poll: what was written before the stop is taken, and a writer that goes on for ever is not followed.
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
