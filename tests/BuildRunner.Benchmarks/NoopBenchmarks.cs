using BenchmarkDotNet.Attributes;

namespace BuildRunner.Benchmarks;

[MemoryDiagnoser]
public class NoopBenchmarks
{
    // Ids of the length that a run of these benchmarks gives most.
    private const string Example = "noop-1234567";
    private const int Triggered = 1_000_000;

    private readonly NoopBuildRunner _runner = new();
    private readonly BuildRequest _request = new();
    private readonly BuildId _buildId = new(Example);
    private readonly int _length = Example.Length;

    [GlobalSetup]
    public void CountUp()
    {
        for (var i = 0; i < Triggered; i++)
        {
            _ = _runner.TriggerAsync(_request);
        }
    }

    /// <summary>One string and one task, two objects: the weight of two allocations.</summary>
    [Benchmark(Baseline = true)]
    public Task<BuildId> StringAndTask() => Task.FromResult(new BuildId(new string('0', _length)));

    [Benchmark]
    public Task<BuildId> Trigger() => _runner.TriggerAsync(_request);

    [Benchmark]
    public Task<BuildSnapshot> Status() => _runner.StatusAsync(_buildId);

    [Benchmark]
    public Task Cancel() => _runner.CancelAsync(_buildId);
}
