using System.Globalization;
using BuildRunner.Benchmarks.Queue;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>What the indexes of tags and lines cost builds that have no tag and need not wait: submissions and triggers with and without them, in turns.</summary>
internal static class IndexBenchmark
{
    private const int Passes = 7;

    private static readonly string[] Indexes = ["queue_builds_tag", "queue_builds_line"];

    public static async Task RunAsync(OrchestrationLoad load, string engine)
    {
        await using var database = await BenchmarkDatabase.StartAsync(engine);

        // What is measured runs for days, and is compiled in its first seconds.
        await SubmissionBenchmark.MeasureAsync(load with { Submissions = Math.Min(300, load.Submissions) }, database, static () => Task.CompletedTask);
        List<(Pass With, Pass Without)> passes = [];
        for (var pass = 0; pass < Passes; pass++)
        {
            // Who is second finds a server that is warmer and has more to clean up.
            var isFirst = pass % 2 == 0;
            var first = await MeasureAsync(load, database, isFirst);
            var second = await MeasureAsync(load, database, !isFirst);
            passes.Add(isFirst ? (first, second) : (second, first));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"with_per_s={Median(passes.Select(static pass => pass.With.Rate)):F0} without_per_s={Median(passes.Select(static pass => pass.Without.Rate)):F0} cost_percent={100 * Median(passes.Select(static pass => (pass.Without.Rate / pass.With.Rate) - 1)):F1} server_cpu_us_with={Median(passes.Select(static pass => pass.With.ServerCpu)):F0} server_cpu_us_without={Median(passes.Select(static pass => pass.Without.ServerCpu)):F0} server_cpu_cost_percent={100 * Median(passes.Select(static pass => (pass.With.ServerCpu / pass.Without.ServerCpu) - 1)):F1}"));
        foreach (var (with, without) in passes)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {with.Rate:F0}/{without.Rate:F0} per s, {with.ServerCpu:F0}/{without.ServerCpu:F0} us"));
        }
    }

    private static async Task<Pass> MeasureAsync(OrchestrationLoad load, BenchmarkDatabase database, bool hasIndexes)
    {
        var cpu = TimeSpan.Zero;
        var (rate, _) = await SubmissionBenchmark.MeasureAsync(load, database, async () =>
        {
            if (!hasIndexes)
            {
                await DropAsync(database);
            }

            cpu = database.CpuTime;
        });
        return new(rate, (database.CpuTime - cpu).TotalMicroseconds / load.Submissions);
    }

    private static async Task DropAsync(BenchmarkDatabase database)
    {
        await using var connection = await database.ConnectAsync();
        foreach (var index in Indexes)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = $"DROP INDEX {index}{(database.IsMariaDb ? " ON queue_builds" : "")}";
            await command.ExecuteNonQueryAsync();
        }
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Passes / 2);

    private readonly record struct Pass(double Rate, double ServerCpu);
}
