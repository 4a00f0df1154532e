using System.Diagnostics;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>One consumer on the statements that the engine of a database uses, with nothing around them: what the engine is measured against.</summary>
internal abstract class Prototype(Workload workload) : IAsyncDisposable
{
    protected const int LeaseDuration = 30_000;
    protected const string Topic = "polls";

    protected Workload Workload { get; } = workload;

    /// <summary>Publishes the builds, polls all of them to their end, and gets how many polls that was in a second.</summary>
    public async Task<double> RunAsync()
    {
        foreach (var keys in Enumerable.Range(0, Workload.Builds).Select(static build => $"build-{build:D7}").Chunk(1000))
        {
            await PublishAsync(keys);
        }

        var total = (long)Workload.Builds * Workload.Polls;
        var watch = Stopwatch.StartNew();
        IReadOnlyList<Held> held = [];
        for (var done = 0L; done < total;)
        {
            (var settled, (held, var dueIn)) = (held.Count, await ExchangeAsync(held));
            done += settled;
            if (held.Count == 0 && done < total && dueIn > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(dueIn));
            }
        }

        return total / watch.Elapsed.TotalSeconds;
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Task PublishAsync(IReadOnlyList<string> keys);

    /// <summary>Settles what is held, and claims.</summary>
    /// <returns>What was claimed, and after how many milliseconds there is more.</returns>
    protected abstract Task<(IReadOnlyList<Held> Claimed, long DueIn)> ExchangeAsync(IReadOnlyList<Held> held);
}
