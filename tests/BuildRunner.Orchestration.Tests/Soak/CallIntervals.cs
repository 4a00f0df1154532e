using BuildRunner.Orchestration.Soak;

namespace BuildRunner.Orchestration.Tests.Soak;

/// <summary>The times of the calls to the CI, from when a process sent them until it had the answer, had given them up, or was dead. All processes have the clock of the machine.</summary>
internal sealed class CallIntervals(TimeProvider timeProvider)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Call>> _open = [];
    private readonly List<(Call One, Call Other)> _pairs = [];

    /// <summary>Gets how many calls there were.</summary>
    public int Count { get; private set; }

    /// <summary>Gets the calls that were still under way when another one about the same was sent, and for how long after that, the longest time first. A build is polled by one message, and triggered and looked for by another one.</summary>
    public IReadOnlyList<(TimeSpan Time, string What)> Overlaps =>
    [
        .. _pairs.Select(static pair => pair.One.From <= pair.Other.From ? pair : (One: pair.Other, Other: pair.One))
            .Select(pair => (timeProvider.GetElapsedTime(pair.Other.From, pair.One.To), $"{pair.One.What} of process {pair.One.Process} and {pair.Other.What} of process {pair.Other.Process}"))
            .Where(static overlap => overlap.Item1 > TimeSpan.Zero).OrderByDescending(static overlap => overlap.Item1),
    ];

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
        Call call = new(this, unit, $"{request.Operation} {unit}", request.Process, request.SentAt);
        lock (_gate)
        {
            Count++;
            if (unit is not null)
            {
                if (!_open.TryGetValue(unit, out var open))
                {
                    _open.Add(unit, open = []);
                }

                _pairs.AddRange(open.Select(other => (other, call)));
                open.Add(call);
            }
        }

        return call;
    }

    private sealed class Call(CallIntervals intervals, string? unit, string what, int process, long from) : IDisposable
    {
        public string What => what;

        public int Process => process;

        public long From => from;

        public long To { get; private set; } = long.MaxValue;

        public void Dispose()
        {
            lock (intervals._gate)
            {
                To = intervals.Now;
                if (unit is not null && intervals._open[unit].Remove(this) && intervals._open[unit].Count == 0)
                {
                    intervals._open.Remove(unit);
                }
            }
        }
    }
}
