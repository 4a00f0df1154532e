namespace BuildRunner.Benchmarks.Queue;

internal static class SqlitePrototype
{
    public static Task<Prototype> StartAsync(Workload workload) => throw new NotSupportedException();
}
