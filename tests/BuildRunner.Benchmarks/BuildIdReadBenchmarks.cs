using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace BuildRunner.Benchmarks;

/// <summary>Both through the same method of the serializer with a source-generated <c>JsonTypeInfo</c>, from the same bytes.</summary>
[MemoryDiagnoser]
public class BuildIdReadBenchmarks
{
    private readonly byte[] _json = JsonSerializer.SerializeToUtf8Bytes(new BuildId(WireTexts.Id), WireContext.Default.BuildId);

    [Benchmark(Baseline = true)]
    public object? Bare() => JsonSerializer.Deserialize(_json, WireContext.Default.Bare);

    [Benchmark]
    public BuildId BuildId() => JsonSerializer.Deserialize(_json, WireContext.Default.BuildId);
}
