using System.Diagnostics;
using System.Globalization;
using System.Runtime;

namespace BuildRunner.Peers;

/// <summary>Measures one library in this process.</summary>
internal sealed class Measuring(IPeer peer, Load load)
{
    private const int MostWarmUpRounds = 5;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private int _jobs;

    public async Task<string> RunAsync()
    {
        await using (peer)
        {
            return load.Thing switch
            {
                "enqueue" => await EnqueueAsync(),
                "poll" => await PollAsync(),
                _ => await LateAsync(),
            };
        }
    }

    private async Task<string> EnqueueAsync()
    {
        await peer.StartAsync(works: false);
        await WhileCompilingAsync(async () =>
        {
            await EnqueueForAsync(WarmUp / 4, 1);
            await EnqueueForAsync(WarmUp / 2, load.Callers);
            await EnqueueAllForAsync(WarmUp / 4, load.Batch);
        });
        var one = await EnqueueForAsync(load.Time, 1);
        var many = await EnqueueForAsync(load.Time, load.Callers);
        var bulk = await EnqueueAllForAsync(load.Time, load.Batch);
        return string.Create(CultureInfo.InvariantCulture, $"one_per_s={one:F0} many_per_s={many:F0} bulk_per_s={bulk:F0}");
    }

    private async Task<string> PollAsync()
    {
        var executions = Executions.Current = Executions.Repeating();
        await peer.StartAsync(works: true);
        await EnqueueAsync(Enumerable.Range(0, load.Jobs).Select(job => (job, Load.Cadence * (job / (double)load.Jobs))));
        await WhileCompilingAsync(static () => Task.Delay(2 * Load.Cadence));
        var (count, since) = (executions.Count, Stopwatch.GetTimestamp());
        await Task.Delay(load.Time);
        var rate = (executions.Count - count) / Stopwatch.GetElapsedTime(since).TotalSeconds;
        return string.Create(CultureInfo.InvariantCulture, $"polls_per_s={rate:F0}");
    }

    private async Task<string> LateAsync()
    {
        // The first jobs have the library compiled, and are due while others are enqueued.
        const int Lead = 3;
        const int Uncounted = 10;
        var count = load.Rate * (Uncounted + load.Seconds);
        var from = DateTime.UtcNow.AddSeconds(Lead);
        DateTime[] due = [.. Enumerable.Range(0, count).Select(job => from.AddSeconds(job / (double)load.Rate))];
        var executions = Executions.Current = Executions.Of(due);
        await peer.StartAsync(works: true);
        await EnqueueAsync(due.Select(static (at, job) => (job, DelayUntil(at))));
        if (DateTime.UtcNow > due[load.Rate * Uncounted])
        {
            throw new InvalidOperationException("The enqueuing has taken too long: jobs that count were due before all were there.");
        }

        for (var patience = Stopwatch.StartNew(); executions.Count < count && patience.Elapsed < TimeSpan.FromMinutes(2);)
        {
            await Task.Delay(100);
        }

        double[] late = [.. executions.Late.Skip(load.Rate * Uncounted).Order()];
        return double.IsNaN(late[0])
            ? throw new InvalidOperationException("Jobs have not run two minutes after all were due.")
            : string.Create(
                CultureInfo.InvariantCulture, $"late_p50_ms={late[late.Length / 2]:F1} late_p99_ms={late[late.Length * 99 / 100]:F1}");
    }

    private static TimeSpan DelayUntil(DateTime at) => at - DateTime.UtcNow is var delay && delay > TimeSpan.Zero ? delay : TimeSpan.Zero;

    // In bulk, or by many callers where the library has none. When each is due is asked just before it is sent.
    private async Task EnqueueAsync(IEnumerable<(int Job, TimeSpan Delay)> jobs)
    {
        if (peer.HasBulk)
        {
            foreach (var part in jobs.Chunk(load.Batch))
            {
                await peer.EnqueueAllAsync(part);
            }
        }
        else
        {
            ParallelOptions options = new() { MaxDegreeOfParallelism = load.Callers };
            await Parallel.ForEachAsync(jobs, options, async (job, _) => await peer.EnqueueAsync(job.Job, job.Delay));
        }
    }

    private async Task<double> EnqueueForAsync(TimeSpan time, int callers)
    {
        var (before, since) = (_jobs, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(since) < time)
            {
                await peer.EnqueueAsync(Interlocked.Increment(ref _jobs), TimeSpan.Zero);
            }
        })));
        return (_jobs - before) / Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    private async Task<double> EnqueueAllForAsync(TimeSpan time, int batch)
    {
        if (!peer.HasBulk)
        {
            return double.NaN;
        }

        var (before, since) = (_jobs, Stopwatch.GetTimestamp());
        while (Stopwatch.GetElapsedTime(since) < time)
        {
            await peer.EnqueueAllAsync([.. Enumerable.Range(_jobs + 1, batch).Select(static job => (job, TimeSpan.Zero))]);
            _jobs += batch;
        }

        return (_jobs - before) / Stopwatch.GetElapsedTime(since).TotalSeconds;
    }

    private static async Task WhileCompilingAsync(Func<Task> run)
    {
        for (var round = 0; round < MostWarmUpRounds; round++)
        {
            var (compiling, since) = (JitInfo.GetCompilationTime(), Stopwatch.GetTimestamp());
            await run();
            if (JitInfo.GetCompilationTime() - compiling < Stopwatch.GetElapsedTime(since) / 100)
            {
                return;
            }
        }
    }
}
