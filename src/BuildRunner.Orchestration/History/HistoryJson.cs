using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Deserializes the lines of histories.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(HistoryLine.Entry))]
internal sealed partial class HistoryJson : JsonSerializerContext;
