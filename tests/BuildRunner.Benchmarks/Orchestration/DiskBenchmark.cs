using System.Globalization;
using BuildRunner.Benchmarks.Queue;
using BuildRunner.Orchestration;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>What a build that has ended takes on the disk until its retention is over: what the second of two waves adds to the tables.</summary>
internal static class DiskBenchmark
{
    public static async Task RunAsync(int count, string engine)
    {
        await using var database = await BenchmarkDatabase.StartAsync(engine);
        using var host = Create(await database.CreateAsync());
        await host.StartAsync();
        var builds = host.Services.GetRequiredService<IBuildOrchestrator>();
        var empty = await MeasureAsync(database);
        await EndAsync(builds, 0, count);
        var first = await MeasureAsync(database);
        await EndAsync(builds, count, count);
        var second = await MeasureAsync(database);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"builds={count} empty_bytes={empty} first_bytes_per_build={(first - empty) / (double)count:F0} second_bytes_per_build={(second - first) / (double)count:F0}"));
        await host.StopAsync();
    }

    private static IHost Create(Action<QueueBuilder> use)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        use(builder.Services.AddQueue());
        builder.Services.AddKeyedSingleton<IBuildRunner>("ci", new EndlessRunner(BuildStatus.Succeeded));
        builder.Services.AddBuildOrchestration().AddRunner("ci", static options =>
        {
            options.CallsPerSecond = null;
            options.AcceptedPollDelay = TimeSpan.FromSeconds(1);
        }).IgnoreChanges();
        return builder.Build();
    }

    private static async Task EndAsync(IBuildOrchestrator builds, int first, int count)
    {
        foreach (var wave in Enumerable.Range(first, count).Chunk(1000))
        {
            await builds.SubmitAllAsync([.. wave.Select(static build => new BuildSubmission
            {
                Key = string.Create(CultureInfo.InvariantCulture, $"shop/pull/{build}/0b5e2a9c"),
                OwnerId = string.Create(CultureInfo.InvariantCulture, $"owner-{build % 100}"),
                Runner = "ci",
                Request = new BuildRequest { Head = [new Change(string.Create(CultureInfo.InvariantCulture, $"github://github.com/acme/shop/pull/{build}/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10"))] },
            })]);
        }

        foreach (var status in new[] { BuildStatus.Unknown, BuildStatus.Accepted, BuildStatus.Running })
        {
            while ((await builds.ListAsync(new BuildQuery { Status = status, Limit = 1 })).Builds.Count > 0)
            {
                await Task.Delay(100);
            }
        }

        // Of the ends, changes are still told.
        await Task.Delay(TimeSpan.FromSeconds(5));
    }

    // What was deleted is used again, and counts only if it could not be.
    private static async Task<long> MeasureAsync(BenchmarkDatabase database)
    {
        await using var connection = await database.ConnectAsync();
        await using var command = connection.CreateCommand();
        string[] statements = database switch
        {
            { IsFile: true } => ["SELECT (p.page_count - f.freelist_count) * s.page_size FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size s"],
            { IsMariaDb: true } =>
            [
                "ANALYZE TABLE queue_builds, queue_messages, queue_partitions",
                "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = DATABASE()",
            ],
            _ => ["VACUUM", "SELECT SUM(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname LIKE 'queue%'"],
        };
        object? result = null;
        foreach (var statement in statements)
        {
            command.CommandText = statement;
            result = await command.ExecuteScalarAsync();
        }

        return Convert.ToInt64(result, CultureInfo.InvariantCulture);
    }
}
