using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>
/// Converts a <see cref="BuildRequest"/> to and from <c>{"base":[…],"head":[…],"metadata":{…},"trigger_key":…}</c>.
/// </summary>
/// <remarks>Public for source generation in other assemblies; the type names it itself. All four members are written; when reading, each may be missing or <c>null</c>, unknown ones are ignored and repeated ones refused. Reading throws <see cref="JsonException"/> and nothing else.</remarks>
public sealed class BuildRequestJsonConverter : JsonConverter<BuildRequest>
{
    // For messages.
    private const string What = "A build request";
    private const string BaseMember = "The member 'base' of a build request";
    private const string HeadMember = "The member 'head' of a build request";
    private const string MetadataMember = "The member 'metadata' of a build request";
    private const string KeyMember = "The member 'trigger_key' of a build request";

    private static readonly ChangeJsonConverter Changes = new();
    private static readonly BuildMetadataJsonConverter Metadata = new();

    /// <inheritdoc/>
    public override BuildRequest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        WireReader.ExpectObject(ref reader, What);
        var seen = 0;
        List<Change>? @base = null;
        List<Change>? head = null;
        BuildMetadata? metadata = null;
        string? triggerKey = null;
        while (WireReader.NextMember(ref reader))
        {
            if (WireReader.NameIs(ref reader, "base"u8))
            {
                WireReader.MoveToValue(ref reader, ref seen, 1, BaseMember);
                @base = ReadChanges(ref reader, options, BaseMember);
            }
            else if (WireReader.NameIs(ref reader, "head"u8))
            {
                WireReader.MoveToValue(ref reader, ref seen, 2, HeadMember);
                head = ReadChanges(ref reader, options, HeadMember);
            }
            else if (WireReader.NameIs(ref reader, "metadata"u8))
            {
                WireReader.MoveToValue(ref reader, ref seen, 4, MetadataMember);
                metadata = reader.TokenType == JsonTokenType.Null ? null : Metadata.Read(ref reader, typeof(BuildMetadata), options);
            }
            else if (WireReader.NameIs(ref reader, "trigger_key"u8))
            {
                WireReader.MoveToValue(ref reader, ref seen, 8, KeyMember);
                triggerKey = WireReader.ReadStringOrNull(ref reader, KeyMember);
            }
            else
            {
                WireReader.SkipMember(ref reader);
            }
        }

        return WireReader.Make(
            (@base, head, metadata, triggerKey),
            static read => new BuildRequest { Base = read.@base, Head = read.head, Metadata = read.metadata, TriggerKey = read.triggerKey });
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, BuildRequest value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        writer.WritePropertyName("base"u8);
        WriteChanges(writer, value.Base, options);
        writer.WritePropertyName("head"u8);
        WriteChanges(writer, value.Head, options);
        writer.WritePropertyName("metadata"u8);
        Metadata.Write(writer, value.Metadata, options);
        writer.WriteString("trigger_key"u8, value.TriggerKey);
        writer.WriteEndObject();
    }

    private static List<Change>? ReadChanges(ref Utf8JsonReader reader, JsonSerializerOptions options, string what) =>
        reader.TokenType == JsonTokenType.Null
            ? null
            : WireReader.ReadArray(ref reader, what, (ref Utf8JsonReader reader) => Changes.Read(ref reader, typeof(Change), options));

    private static void WriteChanges(Utf8JsonWriter writer, IReadOnlyList<Change> changes, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var change in changes)
        {
            Changes.Write(writer, change, options);
        }

        writer.WriteEndArray();
    }
}
