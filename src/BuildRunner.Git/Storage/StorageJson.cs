using System.Text.Json.Serialization;

namespace BuildRunner.Git.Storage;

/// <summary>Serializes the files of the state directory.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(Attempt))]
[JsonSerializable(typeof(BuildRecord))]
[JsonSerializable(typeof(BuildResult))]
internal sealed partial class StorageJson : JsonSerializerContext;
