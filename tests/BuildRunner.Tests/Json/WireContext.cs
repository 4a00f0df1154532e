using System.Text.Json.Serialization;

namespace BuildRunner.Tests.Json;

/// <summary>The source generation of a consumer.</summary>
[JsonSerializable(typeof(BuildId))]
[JsonSerializable(typeof(BuildId?))]
[JsonSerializable(typeof(BuildStatus))]
[JsonSerializable(typeof(BuildMetadata))]
[JsonSerializable(typeof(Change))]
[JsonSerializable(typeof(BuildRequest))]
[JsonSerializable(typeof(BuildSnapshot))]
[JsonSerializable(typeof(Dictionary<BuildId, string>))]
[JsonSerializable(typeof(Dictionary<BuildStatus, int>))]
[JsonSerializable(typeof(Envelope))]
internal sealed partial class WireContext : JsonSerializerContext;
