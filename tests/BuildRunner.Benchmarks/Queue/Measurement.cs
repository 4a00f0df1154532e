using System.Globalization;

namespace BuildRunner.Benchmarks.Queue;

/// <summary>The result of a run.</summary>
/// <param name="Rate">Polls in a second.</param>
/// <param name="CpuMicroseconds">Of this process, for each poll.</param>
/// <param name="IdleCpuPercent">Of one core, while everything waits and nothing is due.</param>
/// <param name="FirstLate">By how many milliseconds the first polls, which are all due at once, came late.</param>
/// <param name="Late">By how many milliseconds the other polls came late.</param>
internal sealed record Measurement(double Rate, double CpuMicroseconds, double IdleCpuPercent, IReadOnlyList<double> FirstLate, IReadOnlyList<double> Late)
{
    public string Describe((double Rate, IReadOnlyList<double> Late)? prototype) => string.Create(
        CultureInfo.InvariantCulture,
        $"polls_per_s={Rate:F0}{(prototype is { } bare ? $" prototype_polls_per_s={bare.Rate:F0} prototype_late_p50_ms={Percentile(bare.Late, 0.5):F1}" : "")} late_p50_ms={Percentile(Late, 0.5):F1} late_p99_ms={Percentile(Late, 0.99):F1} burst_late_p50_ms={Percentile(FirstLate, 0.5):F1} burst_late_p99_ms={Percentile(FirstLate, 0.99):F1} cpu_us_per_poll={CpuMicroseconds:F1} idle_cpu_percent={IdleCpuPercent:F1}");

    private static double Percentile(IReadOnlyList<double> values, double part) =>
        values.Count == 0 ? 0 : values.Order().ElementAt((int)Math.Min(values.Count - 1, part * values.Count));
}
