using System.Text.Json.Serialization;

namespace BuildRunner.Benchmarks;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Bare))]
[JsonSerializable(typeof(BuildId))]
[JsonSerializable(typeof(BuildRequest))]
[JsonSerializable(typeof(BuildSnapshot))]
internal sealed partial class WireContext : JsonSerializerContext;
