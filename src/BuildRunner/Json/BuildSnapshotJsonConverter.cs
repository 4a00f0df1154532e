using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>
/// Converts a <see cref="BuildSnapshot"/> to and from <c>{"status":…,"metadata":{…},"poll_after":…}</c>.
/// </summary>
/// <remarks>Public for source generation in other assemblies; the type names it itself. All three members are written; when reading, <c>status</c> is required, the others may be missing or <c>null</c>, unknown ones are ignored and repeated ones refused. Reading throws <see cref="JsonException"/> and nothing else.</remarks>
public sealed class BuildSnapshotJsonConverter : JsonConverter<BuildSnapshot>
{
    // For messages.
    private const string What = "A build snapshot";
    private const string StatusMember = "The member 'status' of a build snapshot";
    private const string MetadataMember = "The member 'metadata' of a build snapshot";
    private const string HintMember = "The member 'poll_after' of a build snapshot";

    private const string TimeSpanFormat = "c";

    private static readonly BuildStatusJsonConverter Statuses = new();
    private static readonly BuildMetadataJsonConverter Metadata = new();

    /// <inheritdoc/>
    public override BuildSnapshot Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        WireReader.ExpectObject(ref reader, What);
        var seen = 0;
        BuildStatus? status = null;
        BuildMetadata? metadata = null;
        TimeSpan? pollAfter = null;
        while (WireReader.NextMember(ref reader))
        {
            if (WireReader.NameIs(ref reader, "status"u8))
            {
                WireReader.MoveToValue(ref reader, ref seen, 1, StatusMember);
                status = Statuses.Read(ref reader, typeof(BuildStatus), options);
            }
            else if (WireReader.NameIs(ref reader, "metadata"u8))
            {
                WireReader.MoveToValue(ref reader, ref seen, 2, MetadataMember);
                metadata = reader.TokenType == JsonTokenType.Null ? null : Metadata.Read(ref reader, typeof(BuildMetadata), options);
            }
            else if (WireReader.NameIs(ref reader, "poll_after"u8))
            {
                WireReader.MoveToValue(ref reader, ref seen, 4, HintMember);
                pollAfter = ReadTimeSpanOrNull(ref reader);
            }
            else
            {
                WireReader.SkipMember(ref reader);
            }
        }

        return new BuildSnapshot
        {
            Status = status ?? throw new JsonException("A build snapshot has no member 'status'; it must have one."),
            Metadata = metadata,
            PollAfter = pollAfter,
        };
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, BuildSnapshot value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        writer.WritePropertyName("status"u8);
        Statuses.Write(writer, value.Status, options);
        writer.WritePropertyName("metadata"u8);
        Metadata.Write(writer, value.Metadata, options);
        writer.WriteString("poll_after"u8, value.PollAfter?.ToString(TimeSpanFormat, CultureInfo.InvariantCulture));
        writer.WriteEndObject();
    }

    private static TimeSpan? ReadTimeSpanOrNull(ref Utf8JsonReader reader)
    {
        if (WireReader.ReadStringOrNull(ref reader, HintMember) is not { } text)
        {
            return null;
        }

        // The parser alone would take "5" for five days, and blanks for nothing.
        return text.Contains(':', StringComparison.Ordinal)
            && !text.Any(char.IsWhiteSpace)
            && TimeSpan.TryParseExact(text, TimeSpanFormat, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new JsonException("The member 'poll_after' of a build snapshot is no time span; it must be one in the constant format, such as 00:00:05.");
    }
}
