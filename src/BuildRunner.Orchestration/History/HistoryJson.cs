using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Orchestration;

/// <summary>Serializes the lines of histories.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(HistoryLine.Entry))]
internal sealed partial class HistoryJson : JsonSerializerContext
{
    /// <summary>Gets the context that does not escape what a line need not have escaped.</summary>
    public static HistoryJson Short { get; } = new(new JsonSerializerOptions
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
