using System.Diagnostics;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>The workload through the public API, with a host as a program has it and somebody who listens to the telemetry.</summary>
internal static class Library
{
    private const string Topic = "polls";

    /// <summary>Gets the polls per second, and the microseconds of this process's processor time that each took.</summary>
    public static async Task<(double Rate, double CpuMicroseconds)> RunAsync(Workload workload, Action<QueueBuilder> use)
    {
        Progress progress = new(workload);
        using ActivityListener listener = new()
        {
            ShouldListenTo = static source => source.Name == "BuildRunner.Queue",
            Sample = static (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(progress);
        var queue = builder.Services.AddQueue();
        use(queue);
        queue.AddConsumer<PollHandler>(Topic, options => options.Concurrency = workload.Batch);
        using var host = builder.Build();
        await PublishAsync(host.Services.GetRequiredService<IPublisher>(), workload);
        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var watch = Stopwatch.StartNew();
        await host.StartAsync();
        await progress.Finished;
        var elapsed = watch.Elapsed;
        process.Refresh();
        var cpu = process.TotalProcessorTime - before;
        await host.StopAsync();
        var polls = (double)workload.Builds * workload.Polls;
        return (polls / elapsed.TotalSeconds, cpu.TotalMicroseconds / polls);
    }

    private static async Task PublishAsync(IPublisher publisher, Workload workload)
    {
        foreach (var builds in Enumerable.Range(0, workload.Builds).Chunk(1000))
        {
            await publisher.PublishAllAsync([.. builds.Select(static build => new Publication(Topic, new Message($"build-{build:D7}", $"build-{build:D7}", "payload"u8.ToArray())))]);
        }
    }
}
