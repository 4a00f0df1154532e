using BenchmarkDotNet.Attributes;

namespace BuildRunner.Benchmarks;

/// <summary>The same number of triggers of one runner, by one thread or by as many as there are cores. Times and bytes are per trigger.</summary>
[MemoryDiagnoser]
public class ContentionBenchmarks
{
    private const int Triggers = 1_000_000;

    private readonly NoopBuildRunner _runner = new();
    private readonly BuildRequest _request = new();

    [Benchmark(Baseline = true, OperationsPerInvoke = Triggers)]
    public void OneThread() => TriggerOn(1);

    [Benchmark(OperationsPerInvoke = Triggers)]
    public void AllCores() => TriggerOn(Environment.ProcessorCount);

    private void TriggerOn(int threadCount)
    {
        using var start = new Barrier(threadCount);
        var threads = Enumerable.Range(0, threadCount).Select(_ => new Thread(() => Trigger(start, Triggers / threadCount))).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
    }

    private void Trigger(Barrier start, int count)
    {
        start.SignalAndWait();
        for (var i = 0; i < count; i++)
        {
            _ = _runner.TriggerAsync(_request);
        }
    }
}
