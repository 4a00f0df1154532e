using System.Text.Json.Serialization;

namespace BuildRunner.Relational;

/// <summary>Serializes the JSON columns of a build. The types bring their converters.</summary>
[JsonSerializable(typeof(BuildRequest))]
[JsonSerializable(typeof(BuildMetadata))]
internal sealed partial class BuildJson : JsonSerializerContext;
