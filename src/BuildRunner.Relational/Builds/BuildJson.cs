using System.Text.Json.Serialization;

namespace BuildRunner.Relational;

/// <summary>The JSON form of what a build has in a column of JSON. The types bring their converters.</summary>
[JsonSerializable(typeof(BuildRequest))]
[JsonSerializable(typeof(BuildMetadata))]
internal sealed partial class BuildJson : JsonSerializerContext;
