using System.Diagnostics;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>One consumer on the statements that the engine of a database uses, with nothing around them: what the engine is measured against.</summary>
internal abstract class Prototype(Workload workload) : IAsyncDisposable
{
    protected const int LeaseDuration = 30_000;
    protected const string Topic = "polls";

    protected Workload Workload { get; } = workload;

    /// <summary>Publishes the builds, and polls all of them to their end.</summary>
    /// <returns>How many polls that was in a second, and by how many milliseconds each that was not the first of its build came late.</returns>
    public async Task<(double Rate, IReadOnlyList<double> Late)> RunAsync()
    {
        foreach (var keys in Enumerable.Range(0, Workload.Builds).Select(static build => $"build-{build:D7}").Chunk(1000))
        {
            await PublishAsync(keys);
        }

        var total = (long)Workload.Builds * Workload.Polls;
        var watch = Stopwatch.StartNew();
        IReadOnlyList<Held> held = [];
        Dictionary<string, long> due = new(StringComparer.Ordinal);
        List<double> late = new((int)total);
        for (var done = 0L; done < total;)
        {
            (var settled, (held, var dueIn)) = (held.Count, await RunRoundAsync(held));
            done += settled;
            AddLate(held, due, late);
            if (held.Count == 0 && done < total && dueIn > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(dueIn));
            }
        }

        return (total / watch.Elapsed.TotalSeconds, late);
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Task PublishAsync(IReadOnlyList<string> keys);

    /// <summary>Settles what is held, and claims.</summary>
    /// <returns>What was claimed, and after how many milliseconds there is more.</returns>
    protected abstract Task<(IReadOnlyList<Held> Claimed, long DueIn)> RunRoundAsync(IReadOnlyList<Held> held);

    // As the progress of the library does: a poll is due so long after the one before was handled, which takes no time.
    private void AddLate(IReadOnlyList<Held> claimed, Dictionary<string, long> due, List<double> late)
    {
        var now = Stopwatch.GetTimestamp();
        foreach (var message in claimed)
        {
            if (due.TryGetValue(message.Key, out var at))
            {
                late.Add(Stopwatch.GetElapsedTime(at, now).TotalMilliseconds);
            }

            due[message.Key] = now + (Workload.Postpone * Stopwatch.Frequency / 1000);
        }
    }
}
