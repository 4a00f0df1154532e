using System.Globalization;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>Builds that are polled: each is a message that is postponed until its last poll. Not with BenchmarkDotNet: what is measured is the rate of one long run.</summary>
internal static class QueueBenchmark
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!TryParse(arguments, out var workload, out var engine))
        {
            await Console.Error.WriteLineAsync("Usage: queue --engine sqlite|postgres|mariadb [--builds 10000] [--polls 5] [--postpone 200] [--batch 500]");
            return 2;
        }

        await using Prototype prototype = engine switch
        {
            "postgres" => await PostgreSqlPrototype.StartAsync(workload),
            "mariadb" => await MariaDbPrototype.StartAsync(workload),
            _ => await SqlitePrototype.StartAsync(workload),
        };
        var rate = await prototype.RunAsync();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"prototype_polls_per_s={rate:F0}"));
        return 0;
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

        return engine is "sqlite" or "postgres" or "mariadb";
    }
}
