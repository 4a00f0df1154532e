using System.Text.Json.Serialization;

namespace BuildRunner.Git.Merged;

/// <summary>Serializes records.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    IgnoreReadOnlyProperties = true,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BuildRequest))]
[JsonSerializable(typeof(MergedRecord))]
internal sealed partial class MergedJson : JsonSerializerContext;
