using BenchmarkDotNet.Attributes;

namespace BuildRunner.Benchmarks;

/// <summary>One of five keys, in metadata and in a dictionary.</summary>
[MemoryDiagnoser]
public class MetadataLookupBenchmarks
{
    private readonly BuildMetadata _metadata =
    [
        new("queue", "main"),
        new("team", "storage"),
        new(BuildMetadataKeys.Attempt, "2"),
        new(BuildMetadataKeys.Commit, "8f14e45fceea167a5a36dedd4bea2543d3b0e7d9"),
        new(BuildMetadataKeys.Url, "https://ci.example/builds/8f14e45f"),
    ];

    private readonly Dictionary<string, string> _dictionary;

    public MetadataLookupBenchmarks() => _dictionary = _metadata.ToDictionary();

    [Benchmark(Baseline = true)]
    public string Dictionary() => _dictionary[BuildMetadataKeys.Commit];

    [Benchmark]
    public string Metadata() => _metadata[BuildMetadataKeys.Commit];
}
