using System.Diagnostics;
using System.Globalization;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>The workload through the public API, with a host as a program has it and somebody who listens to the telemetry.</summary>
internal static class Library
{
    private const string Topic = "polls";

    // How long everything waits with nothing due, so that what that costs can be measured.
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(3);

    public static async Task<Measurement> RunAsync(Workload workload, Action<QueueBuilder> use)
    {
        var publishing = TimeSpan.FromSeconds(3 + (workload.Builds / 1000.0));
        Progress progress = new(workload, Stopwatch.GetTimestamp() + (long)((publishing + Idle).TotalSeconds * Stopwatch.Frequency));
        using var listener = Listen();
        using var host = Create(use, progress, workload);
        await host.StartAsync();
        await PublishAsync(host.Services.GetRequiredService<IPublisher>(), workload, progress);
        var idle = await MeasureIdleAsync(progress);
        var before = Environment.CpuUsage.TotalTime;
        await progress.Finished;
        var elapsed = Stopwatch.GetElapsedTime(progress.Due);
        var cpu = Environment.CpuUsage.TotalTime - before;
        await host.StopAsync();
        var polls = (double)workload.Builds * workload.Polls;
        return new(polls / elapsed.TotalSeconds, cpu.TotalMicroseconds / polls, idle, progress.FirstLate, progress.Late);
    }

    private static ActivityListener Listen()
    {
        ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == "BuildRunner.Queue",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private static IHost Create(Action<QueueBuilder> use, Progress progress, Workload workload)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(progress);
        var queue = builder.Services.AddQueue();
        use(queue);
        queue.AddConsumer<PollHandler>(Topic, options => options.Concurrency = workload.Batch);
        return builder.Build();
    }

    private static async Task PublishAsync(IPublisher publisher, Workload workload, Progress progress)
    {
        foreach (var builds in Enumerable.Range(0, workload.Builds).Chunk(1000))
        {
            var delay = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), progress.Due);
            await publisher.PublishAllAsync([.. builds.Select(build => new OutgoingMessage(Topic, new Message { PartitionKey = $"build-{build:D7}", Id = build.ToString(CultureInfo.InvariantCulture), Payload = "payload"u8.ToArray() }, delay))]);
        }
    }

    private static async Task<double> MeasureIdleAsync(Progress progress)
    {
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), progress.Due);
        if (left < Idle / 2)
        {
            throw new InvalidOperationException("The publishing took too long: the builds were due before all were there.");
        }

        // The consumers settle down before it and wake up after it.
        await Task.Delay(left / 3);
        var (before, since) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await Task.Delay(left / 3);
        var percent = 100 * (Environment.CpuUsage.TotalTime - before) / Stopwatch.GetElapsedTime(since);
        await Task.Delay(Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), progress.Due) is var rest && rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
        return percent;
    }
}
