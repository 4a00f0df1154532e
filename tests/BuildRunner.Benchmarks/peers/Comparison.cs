using System.Diagnostics;
using System.Globalization;
using BuildRunner.Npm;
using BuildRunner.Servers;
using CliWrap;
using CliWrap.Buffered;
using Npgsql;

namespace BuildRunner.Peers;

/// <summary>Measures all libraries in turns on one PostgreSQL, each in a process of its own with a database of its own.</summary>
internal static class Comparison
{
    private static readonly string[] Things = ["enqueue", "poll", "late"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!TryParse(arguments, out var plan))
        {
            await Console.Error.WriteLineAsync(
                "Usage: [--libraries a,b] [--things enqueue,poll,late] [--rounds 3] [--seconds 4] [--callers 64] [--batch 500] "
                + "[--rate 100]");
            return 2;
        }

        await using var server = await PostgreSqlServer.StartAsync();
        NpmDirectory npm = new(Path.Combine(AppContext.BaseDirectory, "npm"));
        Figures figures = new();
        for (var round = 1; round <= plan.Rounds; round++)
        {
            foreach (var thing in plan.Things)
            {
                // Whoever comes first finds the machine as nobody else does.
                var libraries = plan.Libraries.Where(name => Libraries.Has(name, thing));
                foreach (var name in round % 2 == 1 ? libraries : libraries.Reverse())
                {
                    var connection = await server.CreateDatabaseAsync();
                    var (began, cpu) = (Stopwatch.GetTimestamp(), server.CpuTime);
                    var load = plan.Load with { Thing = thing, Connection = connection, Jobs = Libraries.JobsOf(name) };
                    var printed = await MeasureAsync(name, load, npm);
                    var percent = 100 * (server.CpuTime - cpu) / Stopwatch.GetElapsedTime(began);
                    var average = await LoadAverageAsync();
                    figures.Add(name, round, printed);
                    Console.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $"round={round} library={name} {printed} server_cpu_percent={percent:F0} load_average={average}"));
                }
            }
        }

        Console.WriteLine();
        Console.WriteLine(figures.ToTable());
        return 0;
    }

    private static async Task<string> MeasureAsync(string name, Load load, NpmDirectory npm)
    {
        using CancellationTokenSource stop = new(Patience);
        var command = Libraries.IsNode(name)
            ? Cli.Wrap("node")
                .WithWorkingDirectory(await npm.GetPathAsync())
                .WithArguments(["measure.mjs", name, .. (load with { Connection = UrlOf(load.Connection) }).ToArguments()])
            : Cli.Wrap(Environment.ProcessPath!).WithArguments([.. Assembly(), "measure", name, .. load.ToArguments()]);
        var result = await command.WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(stop.Token);
        return result.IsSuccess
            ? result.StandardOutput.Trim().Split('\n')[^1]
            : throw new InvalidOperationException($"{name} has failed: {result.StandardError}{result.StandardOutput}");
    }

    // As "dotnet run" and the program itself are started.
    private static string[] Assembly() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Comparison).Assembly.Location] : [];

    private static async Task<string> LoadAverageAsync() => (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0];

    private static string UrlOf(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings = new(connectionString);
        return $"postgres://{settings.Username}:{settings.Password}@{settings.Host}:{settings.Port}/{settings.Database}";
    }

    private static bool TryParse(string[] arguments, out Plan plan)
    {
        plan = new(Libraries.Names, Things, 3, new("", "", 0, Rate: 100, Callers: 64, Batch: 500, Seconds: 4));
        foreach (var pair in arguments.Chunk(2))
        {
            if (pair is not [var option, var value] || plan.With(option, value) is not { } changed)
            {
                return false;
            }

            plan = changed;
        }

        return true;
    }

    private sealed record Plan(IReadOnlyList<string> Libraries, IReadOnlyList<string> Things, int Rounds, Load Load)
    {
        public Plan? With(string option, string value)
        {
            switch (option)
            {
                case "--libraries" when value.Split(',') is var names && names.All(Peers.Libraries.Names.Contains):
                    return this with { Libraries = names };
                case "--things" when value.Split(',') is var things && things.All(Comparison.Things.Contains):
                    return this with { Things = things };
            }

            return !int.TryParse(value, CultureInfo.InvariantCulture, out var number) || number <= 0 ? null : option switch
            {
                "--rounds" => this with { Rounds = number },
                "--seconds" => this with { Load = Load with { Seconds = number } },
                "--callers" => this with { Load = Load with { Callers = number } },
                "--batch" => this with { Load = Load with { Batch = number } },
                "--rate" => this with { Load = Load with { Rate = number } },
                _ => null,
            };
        }
    }
}
