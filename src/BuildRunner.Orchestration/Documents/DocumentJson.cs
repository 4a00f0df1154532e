using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Serializes what stores keep as text.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(BuildPolicy))]
[JsonSerializable(typeof(RunnerControl))]
[JsonSerializable(typeof(GroupState))]
[JsonSerializable(typeof(RunnerLine))]
[JsonSerializable(typeof(RetryBudget))]
internal sealed partial class DocumentJson : JsonSerializerContext;
