using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>Converts <see cref="BuildMetadata"/> to and from a flat object of strings, in the order of the pairs.</summary>
/// <remarks>The type declares this converter itself. It is public for source generation in other assemblies. A repeated key and a value
/// that is not a string are errors. Malformed JSON throws <see cref="JsonException"/>, and no other exception.</remarks>
public sealed class BuildMetadataJsonConverter : JsonConverter<BuildMetadata>
{
    private const string What = "The metadata of a build";
    private const string Key = "A key of metadata";
    private const string Value = "A value of metadata";

    /// <inheritdoc/>
    public override BuildMetadata Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        WireReader.ExpectObject(ref reader, What);
        List<KeyValuePair<string, string>> pairs = [];
        while (WireReader.NextMember(ref reader))
        {
            var key = WireReader.ReadText(ref reader, Key);
            WireReader.Advance(ref reader);
            pairs.Add(new(key, WireReader.ReadString(ref reader, Value)));
        }

        return pairs.Count == 0 ? BuildMetadata.Empty : WireReader.Make(pairs, static pairs => new BuildMetadata(pairs));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, BuildMetadata value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        foreach (var (key, text) in value)
        {
            writer.WriteString(key, text);
        }

        writer.WriteEndObject();
    }
}
