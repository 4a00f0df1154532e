using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>Converts a <see cref="Change"/> to and from <c>{"uris":["…"]}</c>.</summary>
/// <remarks>The type declares this converter itself. It is public for source generation in other assemblies. Unknown members are ignored,
/// unless the options disallow them. A repeated <c>uris</c> is an error. Malformed JSON throws <see cref="JsonException"/>, and no other
/// exception.</remarks>
public sealed class ChangeJsonConverter : JsonConverter<Change>
{
    private const string What = "A change";
    private const string UrisMember = "The member 'uris' of a change";
    private const string Uri = "A URI of a change";

    private static readonly WireMembers Members = new("a change", ("uris", nameof(Change.Uris)));

    /// <inheritdoc/>
    public override Change Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        WireReader.ExpectObject(ref reader, What);
        var seen = 0;
        List<string> uris = [];
        while (Members.Next(ref reader, options, ref seen) is not null)
        {
            uris = WireReader.ReadArray(
                ref reader,
                UrisMember,
                static (ref Utf8JsonReader reader) => WireReader.ReadString(ref reader, Uri));
        }

        Members.ThrowIfMissing("uris", seen);
        return WireReader.Make(uris, static uris => new Change(uris));
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
