using System.Text.Json.Serialization;

namespace BuildRunner.AotApp;

[JsonSerializable(typeof(BuildId))]
[JsonSerializable(typeof(BuildStatus))]
[JsonSerializable(typeof(BuildMetadata))]
[JsonSerializable(typeof(Change))]
[JsonSerializable(typeof(BuildRequest))]
[JsonSerializable(typeof(BuildSnapshot))]
[JsonSerializable(typeof(Dictionary<BuildId, BuildStatus>))]
[JsonSerializable(typeof(Dictionary<BuildStatus, BuildId>))]
[JsonSerializable(typeof(Report))]
internal sealed partial class WireContext : JsonSerializerContext;
