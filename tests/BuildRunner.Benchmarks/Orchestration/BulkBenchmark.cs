using System.Diagnostics;
using System.Globalization;
using BuildRunner.Benchmarks.Queue;
using BuildRunner.Orchestration;
using BuildRunner.Queue;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>Builds that are submitted in waves, beside as many that are awaited one after the other, in a process that does nothing else.</summary>
internal static class BulkBenchmark
{
    private const int Passes = 5;

    public static async Task RunAsync(int count, string engine)
    {
        await using var database = await BenchmarkDatabase.StartAsync(engine);
        using var host = Create(await database.CreateAsync());
        await host.StartAsync();
        var builds = host.Services.GetRequiredService<IBuildOrchestrator>();

        // Compiles both ways.
        await OneByOneAsync(builds, Wave(-1, 200));
        await AllAsync(builds, Wave(-2, 200));
        List<(TimeSpan One, TimeSpan All, TimeSpan Cpu, TimeSpan ServerCpu)> passes = [];
        for (var pass = 0; pass < Passes; pass++)
        {
            var one = await OneByOneAsync(builds, Wave(2 * pass, count));
            var (cpu, serverCpu) = (Environment.CpuUsage.TotalTime, database.CpuTime);
            var all = await AllAsync(builds, Wave((2 * pass) + 1, count));
            passes.Add((one, all, Environment.CpuUsage.TotalTime - cpu, database.CpuTime - serverCpu));
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"submissions={count} one_by_one_ms={Median(passes.Select(static pass => pass.One.TotalMilliseconds)):F0} all_ms={Median(passes.Select(static pass => pass.All.TotalMilliseconds)):F0} ratio={Median(passes.Select(static pass => pass.One / pass.All)):F1} all_cpu_ms={Median(passes.Select(static pass => pass.Cpu.TotalMilliseconds)):F0} all_server_cpu_ms={Median(passes.Select(static pass => pass.ServerCpu.TotalMilliseconds)):F0}"));
        await host.StopAsync();
    }

    private static IHost Create(Action<QueueBuilder> use)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        use(builder.Services.AddQueue());
        builder.Services.AddBuildOrchestration().AddRemoteRunner("ci");
        return builder.Build();
    }

    private static async Task<TimeSpan> OneByOneAsync(IBuildOrchestrator builds, BuildSubmission[] wave)
    {
        var start = Stopwatch.GetTimestamp();
        foreach (var submission in wave)
        {
            await builds.SubmitAsync(submission);
        }

        return Stopwatch.GetElapsedTime(start);
    }

    private static async Task<TimeSpan> AllAsync(IBuildOrchestrator builds, BuildSubmission[] wave)
    {
        var start = Stopwatch.GetTimestamp();
        var results = await builds.SubmitAllAsync(wave);
        var elapsed = Stopwatch.GetElapsedTime(start);
        return results.All(static result => result.Build is not null) ? elapsed : throw new InvalidOperationException("A submission was refused.");
    }

    private static BuildSubmission[] Wave(int number, int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => new BuildSubmission
        {
            Key = string.Create(CultureInfo.InvariantCulture, $"{number}/{i}"),
            OwnerId = string.Create(CultureInfo.InvariantCulture, $"owner-{i % 100}"),
            Runner = "ci",
            Request = new BuildRequest { Head = [new Change(string.Create(CultureInfo.InvariantCulture, $"git://git.example.org/shop/refs%2Fheads%2F{i}/0b5e2a9c7d8f4e3a2b1c0d9e8f7a6b5c4d3e2f10"))] },
        }),
    ];

    private static T Median<T>(IEnumerable<T> values) => values.Order().ElementAt(Passes / 2);
}
