using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>Converts a <see cref="BuildId"/> to and from <c>{"id":"…"}</c>, or the bare value if it is the key of a dictionary.</summary>
/// <remarks>The type declares this converter itself. It is public for source generation in other assemblies. Unknown members are ignored,
/// unless the options disallow them. A repeated <c>id</c> is an error. Malformed JSON and writing a default id throw <see
/// cref="JsonException"/>, and no other exception.</remarks>
public sealed class BuildIdJsonConverter : JsonConverter<BuildId>
{
    private const string What = "A build id";
    private const string IdMember = "The id of a build";

    private static readonly JsonEncodedText IdName = JsonEncodedText.Encode("id");
    private static readonly WireMembers Members = new("a build id", ("id", "Id"));

    /// <inheritdoc/>
    public override BuildId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        WireReader.ExpectObject(ref reader, What);
        var seen = 0;
        BuildId result = default;
        while (Members.Next(ref reader, options, ref seen) is not null)
        {
            result = FromText(WireReader.ReadString(ref reader, IdMember));
        }

        Members.ThrowIfMissing("id", seen);
        return result;
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
        BuildId.TryParse(text, null, out var result)
            ? result
            : throw new JsonException("The id of a build is blank; it must not be blank.");

    private static void ThrowIfDefault(BuildId value)
    {
        if (value.IsDefault)
        {
            throw new JsonException("A default build id identifies no build and cannot be written as JSON.");
        }
    }
}
