using System.Diagnostics;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>The number of polls, and the delay of each.</summary>
/// <param name="workload">What is measured.</param>
/// <param name="due">When all builds are due for the first time.</param>
internal sealed class Progress(Workload workload, long due)
{
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long[] _due = Enumerable.Repeat(due, workload.Builds).ToArray();
    private readonly double[] _firstLate = new double[workload.Builds];
    private readonly double[] _late = new double[workload.Builds * Math.Max(workload.Polls - 1, 0)];
    private int _polls;
    private int _lateCount;

    public Workload Workload { get; } = workload;

    public long Due => due;

    public Task Finished => _finished.Task;

    /// <summary>Gets by how many milliseconds the first polls, which are all due at once, came late.</summary>
    public IReadOnlyList<double> FirstLate => _firstLate;

    /// <summary>Gets by how many milliseconds the other polls came late.</summary>
    public IReadOnlyList<double> Late => _late;

    /// <summary>Counts a poll, and has the next one due.</summary>
    public void Add(int build, bool isFirst)
    {
        var now = Stopwatch.GetTimestamp();
        var late = Stopwatch.GetElapsedTime(_due[build], now).TotalMilliseconds;
        if (isFirst)
        {
            _firstLate[build] = late;
        }
        else
        {
            _late[Interlocked.Increment(ref _lateCount) - 1] = late;
        }

        _due[build] = now + (Workload.Postpone * Stopwatch.Frequency / 1000);
        if (Interlocked.Increment(ref _polls) == Workload.Builds * Workload.Polls)
        {
            _finished.TrySetResult();
        }
    }
}
