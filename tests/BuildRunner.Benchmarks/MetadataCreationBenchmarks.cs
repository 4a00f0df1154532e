using BenchmarkDotNet.Attributes;

namespace BuildRunner.Benchmarks;

/// <summary>Metadata of five pairs against a dictionary of the same.</summary>
[MemoryDiagnoser]
public class MetadataCreationBenchmarks
{
    private readonly KeyValuePair<string, string>[] _pairs =
    [
        new("queue", "main"),
        new("team", "storage"),
        new(BuildMetadataKeys.Attempt, "2"),
        new(BuildMetadataKeys.Commit, "8f14e45fceea167a5a36dedd4bea2543d3b0e7d9"),
        new(BuildMetadataKeys.Url, "https://ci.example/builds/8f14e45f"),
    ];

    [Benchmark(Baseline = true)]
    public Dictionary<string, string> Dictionary() => new(_pairs, StringComparer.Ordinal);

    [Benchmark]
    public BuildMetadata Metadata() => new(_pairs);
}
