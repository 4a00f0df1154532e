using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>
/// Converts a <see cref="BuildId"/> to and from <c>{"id":"…"}</c>, or the bare value where it is the key of a dictionary.
/// </summary>
/// <remarks>Public for source generation in other assemblies; the type names it itself. Unknown members are ignored, a repeated <c>id</c> is refused. Reading throws <see cref="JsonException"/> and nothing else; so does writing default.</remarks>
public sealed class BuildIdJsonConverter : JsonConverter<BuildId>
{
    // For messages.
    private const string What = "A build id";
    private const string IdMember = "The id of a build";

    private static readonly JsonEncodedText IdName = JsonEncodedText.Encode("id");

    /// <inheritdoc/>
    public override BuildId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        WireReader.ExpectObject(ref reader, What);
        var seen = 0;
        BuildId result = default;
        while (WireReader.NextMember(ref reader))
        {
            if (WireReader.NameIs(ref reader, "id"u8))
            {
                WireReader.MoveToValue(ref reader, ref seen, 1, IdMember);
                result = FromText(WireReader.ReadString(ref reader, IdMember));
            }
            else
            {
                WireReader.SkipMember(ref reader);
            }
        }

        return result.IsDefault ? throw new JsonException("A build id has no member 'id'; it must have one.") : result;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, BuildId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ThrowIfDefault(value);
        writer.WriteStartObject();
        writer.WriteString(IdName, value.Value);
        writer.WriteEndObject();
    }

    /// <inheritdoc/>
    public override BuildId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        FromText(WireReader.ReadText(ref reader, IdMember));

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, BuildId value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ThrowIfDefault(value);
        writer.WritePropertyName(value.Value);
    }

    private static BuildId FromText(string text) =>
        BuildId.TryParse(text, null, out var result) ? result : throw new JsonException("The id of a build is blank; it must not be.");

    private static void ThrowIfDefault(BuildId value)
    {
        if (value.IsDefault)
        {
            throw new JsonException("A default build id names no build and has no JSON form.");
        }
    }
}
