using System.Text.Json;
using BenchmarkDotNet.Attributes;

namespace BuildRunner.Benchmarks;

/// <summary>A request of two changes and a snapshot of a running build, each with two pairs of metadata. For orientation: nothing is held against them.</summary>
[MemoryDiagnoser]
public class BuildJsonBenchmarks
{
    private static readonly BuildMetadata Metadata = [new("queue", "main"), new(BuildMetadataKeys.Url, "https://ci.example/builds/8f14e45f")];

    private readonly BuildRequest _request = new()
    {
        Base = [new Change("github://github.com/org/repo/pull/12/8f14e45fceea167a5a36dedd4bea2543d3b0e7d9")],
        Head = [new Change("github://github.com/org/repo/pull/13/c9f0f895fb98ab9159f51fd0297e236dc1b2a3f4")],
        Metadata = Metadata,
        TriggerKey = WireTexts.Id,
    };

    private readonly BuildSnapshot _snapshot = new()
    {
        Status = BuildStatus.Running,
        Metadata = Metadata,
        PollAfter = TimeSpan.FromSeconds(5),
    };

    private readonly byte[] _requestJson;
    private readonly byte[] _snapshotJson;

    public BuildJsonBenchmarks()
    {
        _requestJson = WriteRequest();
        _snapshotJson = WriteSnapshot();
    }

    [Benchmark]
    public byte[] WriteRequest() => JsonSerializer.SerializeToUtf8Bytes(_request, WireContext.Default.BuildRequest);

    [Benchmark]
    public BuildRequest? ReadRequest() => JsonSerializer.Deserialize(_requestJson, WireContext.Default.BuildRequest);

    [Benchmark]
    public byte[] WriteSnapshot() => JsonSerializer.SerializeToUtf8Bytes(_snapshot, WireContext.Default.BuildSnapshot);

    [Benchmark]
    public BuildSnapshot? ReadSnapshot() => JsonSerializer.Deserialize(_snapshotJson, WireContext.Default.BuildSnapshot);
}
