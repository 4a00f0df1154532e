using System.Collections.ObjectModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Relational;

/// <summary>Writes and reads the column <c>headers</c>: a JSON object, or <see langword="null"/> if there are none.</summary>
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class HeadersJson : JsonSerializerContext
{
    public static string? Write(IReadOnlyDictionary<string, string> headers) =>
        headers.Count == 0 ? null : JsonSerializer.Serialize(headers, Default.IReadOnlyDictionaryStringString);

    public static IReadOnlyDictionary<string, string> Read(string? json) => json is null
        ? ReadOnlyDictionary<string, string>.Empty
        : JsonSerializer.Deserialize(json, Default.DictionaryStringString) ?? [];
}
