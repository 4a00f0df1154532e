using System.Text.Json.Serialization;

namespace BuildRunner.CloudEvents;

/// <summary>Serializes CDEvents.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CdEvent))]
internal sealed partial class CdEventJson : JsonSerializerContext;
