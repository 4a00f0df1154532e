using System.Diagnostics;
using System.Globalization;
using BuildRunner.Benchmarks.Queue;
using BuildRunner.Orchestration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>Whether what it costs to let a build in stays level, however many others wait for the runner.</summary>
internal static class LineBenchmark
{
    private const string Runner = "ci";
    private const int Counted = 100;
    private const int Passes = 3;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not ["--engine", ("sqlite" or "postgres" or "mariadb") and var engine])
        {
            await Console.Error.WriteLineAsync("Usage: line --engine sqlite|postgres|mariadb");
            return 2;
        }

        await using var database = await BenchmarkDatabase.StartAsync(engine);
        foreach (var waiting in new[] { Counted * Passes, 100_000 })
        {
            var times = await MeasureAsync(database, waiting);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"waiting={waiting} us_per_build_let_in_and_triggered={times.Min().TotalMicroseconds / Counted:F0}"));
        }

        return 0;
    }

    private static async Task<IReadOnlyList<TimeSpan>> MeasureAsync(BenchmarkDatabase database, int waiting)
    {
        EndlessRunner runner = new(BuildStatus.Running);
        var use = await database.CreateAsync();
        var most = 1;
        IHost Create()
        {
            var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            use(builder.Services.AddQueue());
            builder.Services.AddKeyedSingleton<IBuildRunner>(Runner, runner);
            builder.Services.AddBuildOrchestration().IgnoreChanges().AddRunner(Runner, options =>
            {
                options.CallsPerSecond = null;
                options.Concurrency = 64;
                options.MaxInFlight = most;
                options.AcceptedPollDelay = options.RunningPollDelay = TimeSpan.FromMinutes(10);
            });
            return builder.Build();
        }

        using (var host = Create())
        {
            await host.StartAsync();
            var builds = host.Services.GetRequiredService<IBuildOrchestrator>();
            await builds.PauseRunnerAsync(Runner, new() { Holds = true, By = "benchmark" });
            await OrchestrationBenchmark.SubmitAsync(builds, waiting);
            while (await CountAsync(database) > 0)
            {
                await Task.Delay(100);
            }

            await host.StopAsync();
        }

        List<TimeSpan> times = [];
        for (var pass = 1; pass <= Passes; pass++)
        {
            most = pass * Counted;
            using var host = Create();
            var builds = host.Services.GetRequiredService<IBuildOrchestrator>();
            await host.StartAsync();
            await Task.Delay(TimeSpan.FromSeconds(1));
            var start = Stopwatch.GetTimestamp();
            await builds.ResumeRunnerAsync(Runner, "benchmark");
            while (runner.Triggers < most)
            {
                await Task.Delay(1);
            }

            times.Add(Stopwatch.GetElapsedTime(start));
            await builds.PauseRunnerAsync(Runner, new() { Holds = true, By = "benchmark" });
            await host.StopAsync();
        }

        return times;
    }

    // Those that have not joined the line yet.
    private static async Task<long> CountAsync(BenchmarkDatabase database)
    {
        await using var connection = await database.ConnectAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT COUNT(*) FROM queue_messages WHERE topic = 'build.{Runner}'";
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }
}
