using BuildRunner.Orchestration.Soak;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>The times of the calls to the CI, from when a process sent them until it had the answer, had given them up, or was dead. All processes have the clock of the machine.</summary>
internal sealed class CallIntervals(TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Call>> _calls = [];

    /// <summary>Gets how many calls there were.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the calls that were still under way when another one about the same was sent, and for how long after that, the longest time first. A build is polled by one message, and triggered and looked for by another one.</summary>
    public IReadOnlyList<(TimeSpan Time, string What)> Overlaps
    {
        get
        {
            lock (_gate)
            {
                return [.. _calls.Values.SelectMany(OverlapsOf).OrderByDescending(static overlap => overlap.Time)];
            }
        }
    }

    private long Now => timeProvider.GetTimestamp();

    /// <summary>Notes that a call has arrived.</summary>
    /// <returns>What is to be disposed of at its end.</returns>
    public IDisposable Begin(CiRequest request)
    {
        var unit = request.Operation switch
        {
            CiOperation.Trigger => $"key {request.Request!.TriggerKey}",
            CiOperation.Find => $"key {request.Key}",
            CiOperation.Status => $"build {request.BuildId}",
            _ => null,
        };
        Call call = new(this, $"{request.Operation} {unit}", request.Process, request.SentAt);
        lock (_gate)
        {
            Count++;
            if (unit is not null)
            {
                if (!_calls.TryGetValue(unit, out var calls))
                {
                    _calls.Add(unit, calls = []);
                }

                calls.Add(call);
            }
        }

        return call;
    }

    // By when they were sent: a call may hang before it arrives.
    private IEnumerable<(TimeSpan Time, string What)> OverlapsOf(List<Call> calls)
    {
        List<Call> sent = [.. calls.OrderBy(static call => call.From)];
        return sent.SelectMany((one, number) => sent.Skip(number + 1).Select(other => (
                Time: timeProvider.GetElapsedTime(other.From, one.To ?? Now),
                What: $"{one.What} of process {one.Process} and {other.What} of process {other.Process}")))
            .Where(static overlap => overlap.Time > TimeSpan.Zero);
    }

    private sealed class Call(CallIntervals intervals, string what, int process, long from) : IDisposable
    {
        public string What => what;

        public int Process => process;

        public long From => from;

        /// <summary>Gets when it has ended, or <see langword="null"/> if it goes on.</summary>
        public long? To { get; private set; }

        public void Dispose()
        {
            lock (intervals._gate)
            {
                To = intervals.Now;
            }
        }
    }
}
