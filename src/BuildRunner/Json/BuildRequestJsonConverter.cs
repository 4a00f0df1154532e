using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>Converts a <see cref="BuildRequest"/> to and from <c>{"base":[…],"head":[…],"metadata":{…},"trigger_key":…}</c>.</summary>
/// <remarks>The type declares this converter itself. It is public for source generation in other assemblies. All four members are written.
/// When read, <c>head</c> is required; the others may be missing or <c>null</c>. Unknown members are ignored, unless the options disallow
/// them. A repeated member is an error. Malformed JSON throws <see cref="JsonException"/>, and no other exception.</remarks>
public sealed class BuildRequestJsonConverter : JsonConverter<BuildRequest>
{
    private const string What = "A build request";
    private const string BaseMember = "The member 'base' of a build request";
    private const string HeadMember = "The member 'head' of a build request";
    private const string KeyMember = "The member 'trigger_key' of a build request";

    private static readonly WireMembers Members = new(
        "a build request",
        ("base", nameof(BuildRequest.Base)),
        ("head", nameof(BuildRequest.Head)),
        ("metadata", nameof(BuildRequest.Metadata)),
        ("trigger_key", nameof(BuildRequest.TriggerKey)));

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
        while (Members.Next(ref reader, options, ref seen) is { } member)
        {
            switch (member)
            {
                case "base":
                    @base = reader.TokenType == JsonTokenType.Null ? null : ReadChanges(ref reader, options, BaseMember);
                    break;
                case "head":
                    head = ReadChanges(ref reader, options, HeadMember);
                    break;
                case "metadata":
                    metadata = reader.TokenType == JsonTokenType.Null ? null : Metadata.Read(ref reader, typeof(BuildMetadata), options);
                    break;
                default:
                    triggerKey = WireReader.ReadStringOrNull(ref reader, KeyMember);
                    break;
            }
        }

        // A misspelt head would otherwise build the target branch alone, and succeed.
        Members.ThrowIfMissing("head", seen);
        return WireReader.Make(
            (@base, head, metadata, triggerKey),
            static read =>
                new BuildRequest { Base = read.@base, Head = read.head, Metadata = read.metadata, TriggerKey = read.triggerKey });
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

    private static List<Change> ReadChanges(ref Utf8JsonReader reader, JsonSerializerOptions options, string what) =>
        WireReader.ReadArray(ref reader, what, (ref Utf8JsonReader reader) => Changes.Read(ref reader, typeof(Change), options));

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
