using System.Diagnostics;
using System.Globalization;
using BuildRunner.Benchmarks.Queue;
using BuildRunner.Orchestration;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>Builds that are submitted and triggered, through the public API, beside the bare transactions of the same way in the same run.</summary>
internal static class SubmissionBenchmark
{
    private const int Passes = 3;

    public static async Task RunAsync(OrchestrationLoad load, string engine)
    {
        await using var database = await BenchmarkDatabase.StartAsync(engine);

        // What is measured runs for days, and is compiled in its first seconds.
        await MeasureAsync(load with { Submissions = Math.Min(300, load.Submissions) }, database);
        List<(double Library, double Bare, double CpuMicroseconds)> passes = [];
        for (var pass = 0; pass < Passes; pass++)
        {
            passes.Add(await MeasureAsync(load, database));
        }

        var (library, bare) = (Median(passes.Select(static pass => pass.Library)), Median(passes.Select(static pass => pass.Bare)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"submissions_with_triggers_per_s={library:F0} bare_per_s={bare:F0} ratio={Median(passes.Select(static pass => pass.Library / pass.Bare)):F2} cpu_us_per_submission={Median(passes.Select(static pass => pass.CpuMicroseconds)):F0}"));
    }

    private static async Task<(double Library, double Bare, double CpuMicroseconds)> MeasureAsync(OrchestrationLoad load, BenchmarkDatabase database)
    {
        var (rate, used) = await MeasureAsync(load, database, static () => Task.CompletedTask);

        // On the tables that the host has made, which know no build of the bare transactions.
        return (rate, database.HasServer ? await BareSubmissions.MeasureAsync(database, load.Submissions) : double.NaN, used);
    }

    /// <summary>Measures the library alone.</summary>
    /// <param name="load">The load.</param>
    /// <param name="database">The database, which gets new tables.</param>
    /// <param name="prepare">Changes the tables before the first submission.</param>
    public static async Task<(double Library, double CpuMicroseconds)> MeasureAsync(OrchestrationLoad load, BenchmarkDatabase database, Func<Task> prepare)
    {
        // What the first poll of a build finds is no change, so that nothing is counted but its way to the trigger.
        EndlessRunner runner = new(BuildStatus.Accepted);
        using var host = OrchestrationBenchmark.Create(load, await database.CreateAsync(), runner);
        await host.StartAsync();
        await prepare();
        var builds = host.Services.GetRequiredService<IBuildOrchestrator>();
        var (cpu, start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        await OrchestrationBenchmark.SubmitAsync(builds, load.Submissions);
        while (runner.Triggers < load.Submissions || (await builds.ListAsync(new BuildQuery { Status = BuildStatus.Unknown, Limit = 1 })).Builds.Count > 0)
        {
            await Task.Delay(5);
        }

        var rate = load.Submissions / Stopwatch.GetElapsedTime(start).TotalSeconds;
        var used = (Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / load.Submissions;
        await host.StopAsync();
        return (rate, used);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Passes / 2);
}
