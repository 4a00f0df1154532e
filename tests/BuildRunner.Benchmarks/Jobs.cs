using BenchmarkDotNet.Jobs;
using Perfolizer.Horology;

namespace BuildRunner.Benchmarks;

internal static class Jobs
{
    /// <summary>Many short iterations, so that the median of each is worth something on a busy machine and all of them end in a few minutes.</summary>
    public static Job Brief { get; } = Job.Default
        .WithWarmupCount(5)
        .WithIterationCount(20)
        .WithIterationTime(TimeInterval.FromMilliseconds(100));
}
