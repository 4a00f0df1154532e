using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Serializes what stores keep as text.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BuildPolicy))]
[JsonSerializable(typeof(RunnerControl))]
[JsonSerializable(typeof(RunnerLine))]
internal sealed partial class DocumentJson : JsonSerializerContext;
