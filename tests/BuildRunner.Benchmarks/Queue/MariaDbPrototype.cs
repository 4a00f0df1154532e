namespace BuildRunner.Benchmarks.Queue;

internal static class MariaDbPrototype
{
    public static Task<Prototype> StartAsync(Workload workload) => throw new NotSupportedException();
}
