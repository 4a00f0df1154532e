using System.Diagnostics;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>Measures how late the machine lets a process run at most, which is no fault of the process.</summary>
internal sealed class MachineDelay : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _measuring;

    /// <summary>Initializes a new instance of the <see cref="MachineDelay"/> class, which measures until it is disposed of.</summary>
    public MachineDelay() => _measuring = MeasureAsync();

    /// <summary>Gets the longest delay of this process until now.</summary>
    public TimeSpan Longest { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _measuring;
        _stop.Dispose();
    }

    private async Task MeasureAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            await Task.Delay(Tick, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var late = Stopwatch.GetElapsedTime(start) - Tick;
            Longest = late > Longest ? late : Longest;
        }
    }
}
