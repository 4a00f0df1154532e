using System.Diagnostics;
using System.Globalization;

namespace BuildRunner.Benchmarks;

/// <summary>Runs a benchmark of two checkouts in turns, so that what else the machine does slows both, and compares the figures that they print as <c>name=value</c> in their last lines.</summary>
internal static class Pairs
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not [var before, var after, var count, .. { Length: > 0 } benchmark] || !int.TryParse(count, CultureInfo.InvariantCulture, out var pairs) || pairs <= 0)
        {
            await Console.Error.WriteLineAsync("Usage: pairs <checkout before> <checkout after> <pairs> <benchmark and its arguments>, both built with -c Release");
            return 2;
        }

        List<Dictionary<string, double>> befores = [];
        List<Dictionary<string, double>> afters = [];
        for (var pair = 0; pair < pairs; pair++)
        {
            // Whoever comes second finds the machine as the first has left it.
            var order = new[] { (before, befores), (after, afters) };
            foreach (var (checkout, figures) in pair % 2 == 0 ? order : order.Reverse())
            {
                figures.Add(await MeasureAsync(checkout, benchmark));
            }
        }

        foreach (var name in befores[0].Keys.Where(name => befores.Concat(afters).All(figures => figures.ContainsKey(name))))
        {
            var (was, now) = (Median(befores.Select(figures => figures[name])), Median(afters.Select(figures => figures[name])));
            var ratio = Median(befores.Zip(afters, (one, other) => other[name] / one[name]));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} before={was:G4} after={now:G4} ratio={ratio:F2}"));
        }

        return 0;
    }

    private static async Task<Dictionary<string, double>> MeasureAsync(string checkout, string[] benchmark)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(checkout, "tests/BuildRunner.Benchmarks/bin/Release/net10.0/BuildRunner.Benchmarks.dll"), .. benchmark]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"The benchmark of {checkout} has failed with exit code {process.ExitCode}.");
        }

        Dictionary<string, double> figures = [];
        foreach (var figure in output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(static word => word.Split('=')))
        {
            if (figure is [var name, var value] && double.TryParse(value, CultureInfo.InvariantCulture, out var number))
            {
                figures[name] = number;
            }
        }

        return figures;
    }

    // Of an even number the mean of the two in the middle.
    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
