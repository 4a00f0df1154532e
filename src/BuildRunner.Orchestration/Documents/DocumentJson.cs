using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration.Documents;

/// <summary>Serializes what stores keep as text.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BuildPolicy))]
internal sealed partial class DocumentJson : JsonSerializerContext;
