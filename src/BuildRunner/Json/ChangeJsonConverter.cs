using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>
/// Converts a <see cref="Change"/> to and from <c>{"uris":["…"]}</c>.
/// </summary>
/// <remarks>Public for source generation in other assemblies; the type names it itself. Unknown members are ignored, a repeated <c>uris</c> is refused. Reading throws <see cref="JsonException"/> and nothing else.</remarks>
public sealed class ChangeJsonConverter : JsonConverter<Change>
{
    // For messages.
    private const string What = "A change";
    private const string UrisMember = "The member 'uris' of a change";
    private const string Uri = "A URI of a change";

    /// <inheritdoc/>
    public override Change Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        WireReader.ExpectObject(ref reader, What);
        var seen = 0;
        List<string>? uris = null;
        while (WireReader.NextMember(ref reader))
        {
            if (WireReader.NameIs(ref reader, "uris"u8))
            {
                WireReader.MoveToValue(ref reader, ref seen, 1, UrisMember);
                uris = WireReader.ReadArray(ref reader, UrisMember, static (ref Utf8JsonReader reader) => WireReader.ReadString(ref reader, Uri));
            }
            else
            {
                WireReader.SkipMember(ref reader);
            }
        }

        return WireReader.Make(uris ?? [], static uris => new Change(uris));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Change value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        writer.WriteStartArray("uris"u8);
        foreach (var uri in value.Uris)
        {
            writer.WriteStringValue(uri);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
