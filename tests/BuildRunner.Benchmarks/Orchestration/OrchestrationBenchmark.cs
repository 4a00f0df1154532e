using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using BuildRunner.Benchmarks.Queue;
using BuildRunner.Orchestration;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>Builds that are under way and polled, through the public API: how many polls per second there can be, or, with a slow cadence, what so many builds cost.</summary>
internal static class OrchestrationBenchmark
{
    private const string Runner = "ci";
    private const int Submitters = 64;
    private const int MostWarmUpRounds = 20;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!TryParse(arguments, out var load, out var engine))
        {
            await Console.Error.WriteLineAsync("Usage: orchestration --engine sqlite|postgres|mariadb|memory [--in-flight 10000] [--cadence 200] [--seconds 10] | --submissions 2000 | --indexes 2000 | --bulk 1000 | --disk 1000");
            return 2;
        }

        if (load.Indexes > 0)
        {
            await IndexBenchmark.RunAsync(load, engine);
            return 0;
        }

        if (load.Submissions > 0)
        {
            await SubmissionBenchmark.RunAsync(load, engine);
            return 0;
        }

        if (load.Disk > 0)
        {
            await DiskBenchmark.RunAsync(load.Disk, engine);
            return 0;
        }

        if (load.Bulk > 0)
        {
            await BulkBenchmark.RunAsync(load.Bulk, engine);
            return 0;
        }

        await using var database = await BenchmarkDatabase.StartAsync(engine);
        Console.WriteLine(await MeasureAsync(load, await database.CreateAsync()));
        return 0;
    }

    private static async Task<string> MeasureAsync(OrchestrationLoad load, Action<QueueBuilder> use)
    {
        EndlessRunner runner = new(BuildStatus.Running);
        using LatenessListener lateness = new();
        using var host = Create(load, use, runner);
        await host.StartAsync();
        var empty = GC.GetTotalMemory(forceFullCollection: true);
        var start = Stopwatch.GetTimestamp();
        var builds = host.Services.GetRequiredService<IBuildOrchestrator>();
        await SubmitAsync(builds, load.InFlight);
        var submitting = Stopwatch.GetElapsedTime(start);
        while (runner.Triggers < load.InFlight)
        {
            await Task.Delay(100);
        }

        var triggering = Stopwatch.GetElapsedTime(start);

        // The first answer of each build is a change, which is saved.
        while ((await builds.ListAsync(new BuildQuery { Status = BuildStatus.Accepted, Limit = 1 })).Builds.Count > 0)
        {
            await Task.Delay(100);
        }

        await WarmUpAsync(load);
        lateness.Take();
        var (polls, cpu, compiling, since) = (runner.Polls, Environment.CpuUsage.TotalTime, JitInfo.GetCompilationTime(), Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(load.Seconds));
        var (counted, elapsed) = (runner.Polls - polls, Stopwatch.GetElapsedTime(since));
        var percent = 100 * (Environment.CpuUsage.TotalTime - cpu) / elapsed;
        var jit = 100 * (JitInfo.GetCompilationTime() - compiling) / elapsed;
        var late = lateness.Take();
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - empty) / (double)load.InFlight;
        await host.StopAsync();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"status_per_s={counted / elapsed.TotalSeconds:F0} cpu_percent={percent:F0} cpu_us_per_status={percent * elapsed.TotalMicroseconds / 100 / Math.Max(counted, 1):F0} jit_percent={jit:F1} bytes_per_build={bytes:F0} late_p50_ms={At(late, 0.5):F1} late_p99_ms={At(late, 0.99):F1} submits_per_s={load.InFlight / submitting.TotalSeconds:F0} until_triggered_s={triggering.TotalSeconds:F1}");
    }

    // What is measured runs for days. As long as it is compiled, that doubles the CPU time of a status, and the sooner all is submitted, the more of it is left. A round brings all builds to their cadence.
    private static async Task WarmUpAsync(OrchestrationLoad load)
    {
        for (var round = 0; round < MostWarmUpRounds; round++)
        {
            var (compiling, since) = (JitInfo.GetCompilationTime(), Stopwatch.GetTimestamp());
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Max(3000, 1.2 * load.Cadence)));
            if (JitInfo.GetCompilationTime() - compiling < Stopwatch.GetElapsedTime(since) / 100)
            {
                return;
            }
        }
    }

    private static double At(double[] sorted, double part) => sorted.Length == 0 ? double.NaN : sorted[(int)(part * (sorted.Length - 1))];

    public static IHost Create(OrchestrationLoad load, Action<QueueBuilder> use, EndlessRunner runner)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        use(builder.Services.AddQueue());
        builder.Services.AddKeyedSingleton<IBuildRunner>(Runner, runner);
        builder.Services.AddBuildOrchestration().AddRunner(Runner, options =>
        {
            options.CallsPerSecond = null;
            options.Concurrency = 500;
            options.AcceptedPollDelay = options.RunningPollDelay = TimeSpan.FromMilliseconds(load.Cadence);
        });
        return builder.Build();
    }

    public static Task SubmitAsync(IBuildOrchestrator builds, int count) => Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = Submitters }, async (build, token) =>
        await builds.SubmitAsync(
            new BuildSubmission
            {
                Key = build.ToString(CultureInfo.InvariantCulture),
                OwnerId = string.Create(CultureInfo.InvariantCulture, $"owner-{build % 100}"),
                Runner = Runner,
                Request = new BuildRequest { Head = [new Change(string.Create(CultureInfo.InvariantCulture, $"git://git.example.org/shop/refs%2Fheads%2F{build}/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10"))] },
            },
            token));

    private static bool TryParse(string[] arguments, out OrchestrationLoad load, out string engine)
    {
        load = new();
        engine = "";
        foreach (var pair in arguments.Chunk(2))
        {
            if (pair is ["--engine", var name])
            {
                engine = name;
            }
            else if (pair is [var option, var value] && int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0 && load.With(option, number) is { } changed)
            {
                load = changed;
            }
            else
            {
                return false;
            }
        }

        return engine is "sqlite" or "postgres" or "mariadb" or "memory";
    }
}
