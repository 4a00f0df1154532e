using System.Diagnostics;
using System.Globalization;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>Builds that are polled each second, while somebody else leaves a transaction open that goes on seeing what was there when it began, so that the database can remove nothing of what the polls leave behind.</summary>
internal static class HorizonBenchmark
{
    private const string Topic = "polls";

    private static readonly TimeSpan Cadence = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!TryParse(arguments, out var engine, out var load))
        {
            await Console.Error.WriteLineAsync("Usage: horizon --engine sqlite|postgres|mariadb [--builds 2000] [--before 20] [--seconds 120] [--every 30]");
            return 2;
        }

        await using var database = await BenchmarkDatabase.StartAsync(engine);
        PollCounter polls = new();
        using var host = Create(await database.CreateAsync(), polls);
        await host.StartAsync();
        await PublishAsync(host.Services.GetRequiredService<IPublisher>(), load.Builds);

        // All have come to their cadence by then.
        await Task.Delay(10 * Cadence);
        var before = await MeasureAsync(polls, database, load.Before);
        Console.WriteLine($"before {before}");
        await using (await database.HoldSnapshotAsync())
        {
            for (var passed = load.Every; passed <= load.Seconds; passed += load.Every)
            {
                var held = await MeasureAsync(polls, database, load.Every);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"held_s={passed} {held} ratio={held.Rate / before.Rate:F2} cpu_ratio={held.CpuMicroseconds / before.CpuMicroseconds:F2}"));
            }
        }

        var after = await MeasureAsync(polls, database, load.Before);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"after {after} ratio={after.Rate / before.Rate:F2} cpu_ratio={after.CpuMicroseconds / before.CpuMicroseconds:F2}"));
        await host.StopAsync();
        return 0;
    }

    private static async Task<Polled> MeasureAsync(PollCounter polls, BenchmarkDatabase database, int seconds)
    {
        var (counted, cpu, since) = (polls.Count, database.CpuTime + Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        var more = polls.Count - counted;
        return new(more / Stopwatch.GetElapsedTime(since).TotalSeconds, (database.CpuTime + Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / more, database.LogBytes);
    }

    private static IHost Create(Action<QueueBuilder> use, PollCounter polls)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(polls);
        var queue = builder.Services.AddQueue();
        use(queue);
        queue.AddConsumer<PostponingHandler>(Topic, static options => options.Concurrency = 500);
        return builder.Build();
    }

    private static async Task PublishAsync(IPublisher publisher, int builds)
    {
        foreach (var part in Enumerable.Range(0, builds).Chunk(500))
        {
            await publisher.PublishAllAsync([.. part.Select(build => new OutgoingMessage(
                Topic,
                new Message { PartitionKey = $"build-{build:D7}", Id = build.ToString(CultureInfo.InvariantCulture), Payload = "payload"u8.ToArray() },
                Cadence * (build / (double)builds)))]);
        }
    }

    private static bool TryParse(string[] arguments, out string engine, out (int Builds, int Before, int Seconds, int Every) load)
    {
        engine = "";
        load = (2000, 20, 120, 30);
        foreach (var pair in arguments.Chunk(2))
        {
            if (pair is ["--engine", var name])
            {
                engine = name;
                continue;
            }

            if (pair is not [var option, var value] || !int.TryParse(value, CultureInfo.InvariantCulture, out var number) || number <= 0)
            {
                return false;
            }

            switch (option)
            {
                case "--builds":
                    load.Builds = number;
                    break;
                case "--before":
                    load.Before = number;
                    break;
                case "--seconds":
                    load.Seconds = number;
                    break;
                case "--every":
                    load.Every = number;
                    break;
                default:
                    return false;
            }
        }

        return engine is "sqlite" or "postgres" or "mariadb";
    }

    /// <summary>The result of one interval. Other load of the machine affects the rate, but not the CPU time of process and server.</summary>
    /// <param name="Rate">The polls per second.</param>
    /// <param name="CpuMicroseconds">The CPU time for each poll.</param>
    /// <param name="LogBytes">The size of the write-ahead log of SQLite at its end, and null on a server.</param>
    private sealed record Polled(double Rate, double CpuMicroseconds, long? LogBytes)
    {
        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"polls_per_s={Rate:F0} cpu_us_per_poll={CpuMicroseconds:F0}")
            + (LogBytes is { } bytes ? string.Create(CultureInfo.InvariantCulture, $" log_mib={bytes / 1048576.0:F0}") : "");
    }

    private sealed class PollCounter
    {
        private long _count;

        public long Count => Interlocked.Read(ref _count);

        public void Add() => Interlocked.Increment(ref _count);
    }

    private sealed class PostponingHandler(PollCounter polls) : IMessageHandler
    {
        public Task<Outcome> HandleAsync(Delivery delivery, CancellationToken cancellationToken)
        {
            polls.Add();
            return Task.FromResult(Outcome.Postpone(Cadence));
        }
    }
}
