using System.Buffers;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;

namespace BuildRunner.Benchmarks;

/// <summary>Both through the same methods of the serializer with a source-generated <c>JsonTypeInfo</c>, to the same bytes.</summary>
[MemoryDiagnoser]
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class BuildIdWriteBenchmarks : IDisposable
{
    private readonly Bare _bare = new(WireTexts.Id);
    private readonly BuildId _buildId = new(WireTexts.Id);

    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _writer;

    public BuildIdWriteBenchmarks() => _writer = new(_buffer);

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("to a writer")]
    public long BareToWriter()
    {
        Reset();
        JsonSerializer.Serialize(_writer, _bare, WireContext.Default.Bare);
        return _writer.BytesCommitted;
    }

    [Benchmark]
    [BenchmarkCategory("to a writer")]
    public long BuildIdToWriter()
    {
        Reset();
        JsonSerializer.Serialize(_writer, _buildId, WireContext.Default.BuildId);
        return _writer.BytesCommitted;
    }

    [Benchmark(Baseline = true)]
    [BenchmarkCategory("to bytes")]
    public byte[] BareToBytes() => JsonSerializer.SerializeToUtf8Bytes(_bare, WireContext.Default.Bare);

    [Benchmark]
    [BenchmarkCategory("to bytes")]
    public byte[] BuildIdToBytes() => JsonSerializer.SerializeToUtf8Bytes(_buildId, WireContext.Default.BuildId);

    public void Dispose()
    {
        _writer.Dispose();
        GC.SuppressFinalize(this);
    }

    private void Reset()
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
    }
}
