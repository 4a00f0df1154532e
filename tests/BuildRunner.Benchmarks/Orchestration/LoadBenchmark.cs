using System.Diagnostics;
using System.Globalization;
using BuildRunner.Servers;
using Npgsql;

namespace BuildRunner.Benchmarks.Orchestration;

/// <summary>Submissions, triggers and polls per second with several processes on one PostgreSQL, and what its connections wait for
/// meanwhile.</summary>
internal static class LoadBenchmark
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (!TryParse(arguments, out var load))
        {
            await Console.Error.WriteLineAsync("Usage: load [--processes 1,2,4] [--submissions 2000] [--in-flight 4000] [--seconds 10]");
            return 2;
        }

        await using var server = await PostgreSqlServer.StartAsync();
        foreach (var processes in load.Processes)
        {
            Console.WriteLine($"load_average={(await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0]}");
            await MeasureAsync(server, processes, load);
        }

        return 0;
    }

    private static async Task MeasureAsync(PostgreSqlServer server, int count, Load load)
    {
        var connection = await server.CreateDatabaseAsync();
        List<LoadProcess> processes = [];
        for (var number = 0; number < count; number++)
        {
            processes.Add(LoadProcess.Start(number, connection, await server.CreateDatabaseAsync()));
        }

        try
        {
            // What is measured runs for days, and is compiled in its first seconds.
            await Task.WhenAll(processes.Select(static process => process.WaitForAsync("ready")));
            await using var measuring = new ServerWaits(server, connection);

            var each = load.Submissions / count;
            await measuring.BeginAsync(processes);
            await AllAsync(processes, $"submit {each}");
            Print(count, "submissions", await measuring.EndAsync(each * count));

            await measuring.BeginAsync(processes);
            await AllAsync(processes, "trigger");
            await UntilAsync(connection, "SELECT NOT EXISTS (SELECT 1 FROM queue_builds WHERE remote_id_hash IS NULL)");
            Print(count, "triggers", await measuring.EndAsync(each * count));

            each = load.InFlight / count;
            await AllAsync(processes, $"poll {each}");
            await UntilAsync(connection, $"SELECT count(*) >= {each * count} FROM queue_builds WHERE status = {(int)BuildStatus.Running}");

            // All come to their cadence.
            await Task.Delay(TimeSpan.FromSeconds(3));
            await measuring.BeginAsync(processes);
            var before = await PollsAsync(processes);
            await Task.Delay(TimeSpan.FromSeconds(load.Seconds));
            Print(count, "polls", await measuring.EndAsync(await PollsAsync(processes) - before));
        }
        finally
        {
            await Task.WhenAll(processes.Select(static process => process.StopAsync()));
        }
    }

    private static async Task<string[]> AllAsync(IReadOnlyList<LoadProcess> processes, string command) =>
        await Task.WhenAll(processes.Select(process => process.AskAsync(command)));

    private static async Task<long> PollsAsync(IReadOnlyList<LoadProcess> processes) =>
        (await AllAsync(processes, "count")).Sum(static answer => long.Parse(answer, CultureInfo.InvariantCulture));

    private static async Task UntilAsync(string connectionString, string condition)
    {
        await using NpgsqlConnection connection = new(connectionString);
        await connection.OpenAsync();
        await using NpgsqlCommand command = new(condition, connection);
        while (await command.ExecuteScalarAsync() is not true)
        {
            await Task.Delay(10);
        }
    }

    private static void Print(int processes, string what, LoadFigures figures) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"processes={processes} {what}_per_s={figures.Rate:F0} {figures}"));

    private static bool TryParse(string[] arguments, out Load load)
    {
        load = new([1, 2, 4]);
        foreach (var pair in arguments.Chunk(2))
        {
            if (pair is not [var option, var value] || load.With(option, value) is not { } changed)
            {
                return false;
            }

            load = changed;
        }

        return true;
    }

    /// <summary>The load to measure.</summary>
    /// <param name="Processes">How many processes there are, one run for each.</param>
    /// <param name="Submissions">How many builds are submitted and triggered, of all processes.</param>
    /// <param name="InFlight">How many builds are polled every 200 ms, of all processes.</param>
    /// <param name="Seconds">For how long the polls are counted.</param>
    private sealed record Load(int[] Processes, int Submissions = 2000, int InFlight = 4000, int Seconds = 10)
    {
        public Load? With(string name, string value)
        {
            int[] numbers =
                [.. value.Split(',').Select(static text => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0)];
            return numbers.Any(static number => number <= 0) ? null : (name, numbers) switch
            {
                ("--processes", _) => this with { Processes = numbers },
                ("--submissions", [var number]) => this with { Submissions = number },
                ("--in-flight", [var number]) => this with { InFlight = number },
                ("--seconds", [var number]) => this with { Seconds = number },
                _ => null,
            };
        }
    }
}
