using System.Diagnostics;
using System.Globalization;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>Checks that the cost of a message stays level, regardless of the number of waiting messages, in separate partitions or in one.</summary>
internal static class LevelBenchmark
{
    private const string Topic = "messages";
    private const int Counted = 10_000;
    private const int CountedInOne = 1_000;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not ["--engine", ("sqlite" or "postgres" or "mariadb" or "memory") and var engine])
        {
            await Console.Error.WriteLineAsync("Usage: queue-level --engine sqlite|postgres|mariadb|memory");
            return 2;
        }

        await using var database = await BenchmarkDatabase.StartAsync(engine);
        foreach (var waiting in new[] { 1_000, 100_000, 1_000_000 })
        {
            var time = await MeasureAsync(await database.CreateAsync(), Counted, waiting, static number => $"waiting-{number}", TimeSpan.FromDays(1));
            Print($"waiting={waiting}", time, Counted);
        }

        foreach (var waiting in new[] { 1_000, 100_000 })
        {
            var time = await MeasureAsync(await database.CreateAsync(), CountedInOne, waiting, static _ => "one", TimeSpan.Zero);
            Print($"in_one_partition={waiting}", time, CountedInOne);
        }

        return 0;
    }

    private static void Print(string what, TimeSpan time, int count) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what} us_per_message={time.TotalMicroseconds / count:F0}"));

    private static async Task<TimeSpan> MeasureAsync(Action<QueueBuilder> use, int count, int waiting, Func<int, string> partitionOf, TimeSpan delay)
    {
        CountingHandler.Counter counter = new(count);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(counter);
        var queue = builder.Services.AddQueue();
        use(queue);
        queue.AddConsumer<CountingHandler>(Topic, static options => options.Concurrency = 500);
        using var host = builder.Build();
        var publisher = host.Services.GetRequiredService<IPublisher>();
        await PublishAsync(publisher, waiting, "waiting", partitionOf, delay);
        if (delay > TimeSpan.Zero)
        {
            await PublishAsync(publisher, count, "counted", static number => $"counted-{number}", TimeSpan.Zero);
        }

        var since = Stopwatch.GetTimestamp();
        await host.StartAsync();
        await counter.Finished;
        var time = Stopwatch.GetElapsedTime(since);
        await host.StopAsync();
        return time;
    }

    private static async Task PublishAsync(IPublisher publisher, int count, string id, Func<int, string> partitionOf, TimeSpan delay)
    {
        foreach (var numbers in Enumerable.Range(0, count).Chunk(1000))
        {
            await publisher.PublishAllAsync([.. numbers.Select(number => new OutgoingMessage(Topic, new Message { PartitionKey = partitionOf(number), Id = $"{id}-{number}", Payload = "payload"u8.ToArray() }, delay))]);
        }
    }
}
