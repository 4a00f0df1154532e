using System.Text.Json.Serialization;

namespace BuildRunner.Git.Storage;

/// <summary>The files of the state directory as JSON.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Attempt))]
[JsonSerializable(typeof(BuildRecord))]
[JsonSerializable(typeof(BuildResult))]
internal sealed partial class StorageJson : JsonSerializerContext;
