using System.Globalization;
using BuildRunner.Servers;
using Microsoft.Extensions.DependencyInjection;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>Builds that are polled: each is a message that is postponed until its last poll. Not with BenchmarkDotNet: what is measured is the rate of one long run.</summary>
internal static class QueueBenchmark
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!TryParse(arguments, out var workload, out var engine))
        {
            await Console.Error.WriteLineAsync("Usage: queue --engine sqlite|postgres|mariadb|memory [--builds 10000] [--polls 5] [--postpone 200] [--batch 500]");
            return 2;
        }

        await MeasureAsync(engine, workload);
        return 0;
    }

    private static async Task MeasureAsync(string engine, Workload workload)
    {
        switch (engine)
        {
            case "postgres":
                await using (var server = await PostgreSqlServer.StartAsync())
                {
                    var connectionString = await server.CreateDatabaseAsync();
                    var (rate, cpu) = await Library.RunAsync(workload, queue => queue.UsePostgreSql(connectionString));
                    await using var prototype = await PostgreSqlPrototype.CreateAsync(workload, await server.CreateDatabaseAsync());
                    Print(rate, cpu, await prototype.RunAsync());
                }

                break;
            case "mariadb":
                await using (var server = await MariaDbServer.StartAsync())
                {
                    var connectionString = await server.CreateDatabaseAsync();
                    var (rate, cpu) = await Library.RunAsync(workload, queue => queue.UseMySql(connectionString));
                    Print(rate, cpu, null);
                }

                break;
            case "sqlite":
                var directory = Directory.CreateTempSubdirectory("buildrunner-queue-");
                try
                {
                    var (rate, cpu) = await Library.RunAsync(workload, queue => queue.UseSqlite($"Data Source={Path.Combine(directory.FullName, "queue.db")}"));
                    Print(rate, cpu, null);
                }
                finally
                {
                    directory.Delete(recursive: true);
                }

                break;
            default:
                var (inMemory, cpuInMemory) = await Library.RunAsync(workload, static queue => queue.UseInMemory());
                Print(inMemory, cpuInMemory, null);
                break;
        }
    }

    private static void Print(double rate, double cpu, double? prototype) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"polls_per_s={rate:F0}{(prototype is { } bare ? $" prototype_polls_per_s={bare:F0}" : "")} cpu_us_per_poll={cpu:F1}"));

    private static bool TryParse(string[] arguments, out Workload workload, out string engine)
    {
        workload = new();
        engine = "";
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length)
            {
                return false;
            }

            var (name, value) = (arguments[i], arguments[i + 1]);
            if (name == "--engine")
            {
                engine = value;
            }
            else if (int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0 && workload.With(name, number) is { } changed)
            {
                workload = changed;
            }
            else
            {
                return false;
            }
        }

        return engine is "sqlite" or "postgres" or "mariadb" or "memory";
    }
}
