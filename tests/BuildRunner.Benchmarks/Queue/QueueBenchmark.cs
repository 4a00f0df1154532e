using System.Globalization;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>Builds that are polled: each is a message that is postponed until its last poll. Not with BenchmarkDotNet: what is measured is the rate of one long run.</summary>
internal static class QueueBenchmark
{
    private const int Passes = 3;

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
        await using var database = await BenchmarkDatabase.StartAsync(engine);

        // A consumer runs for days, and is compiled in its first seconds.
        await Library.RunAsync(workload, await database.CreateAsync());
        await RunPrototypeAsync(database, workload);
        List<Measurement> measured = [];
        List<(double Rate, IReadOnlyList<double> Late)> prototypes = [];
        for (var pass = 0; pass < Passes; pass++)
        {
            measured.Add(await Library.RunAsync(workload, await database.CreateAsync()));
            if (await RunPrototypeAsync(database, workload) is { } run)
            {
                prototypes.Add(run);
            }
        }

        var median = measured.OrderBy(static measurement => measurement.Rate).ElementAt(Passes / 2);
        Console.WriteLine(median.Describe(prototypes is [] ? null : prototypes.OrderBy(static run => run.Rate).ElementAt(Passes / 2)));
    }

    private static async Task<(double Rate, IReadOnlyList<double> Late)?> RunPrototypeAsync(BenchmarkDatabase database, Workload workload)
    {
        await using var prototype = await database.CreatePrototypeAsync(workload);
        return prototype is null ? null : await prototype.RunAsync();
    }

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
