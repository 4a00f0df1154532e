using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>Converts a <see cref="BuildSnapshot"/> to and from <c>{"status":…,"metadata":{…},"poll_after":…}</c>.</summary>
/// <remarks>The type declares this converter itself. It is public for source generation in other assemblies. All three members are written.
/// When read, <c>status</c> is required; the others may be missing or <c>null</c>. Unknown members are ignored, unless the options disallow
/// them. A repeated member is an error. Malformed JSON throws <see cref="JsonException"/>, and no other exception.</remarks>
public sealed class BuildSnapshotJsonConverter : JsonConverter<BuildSnapshot>
{
    private const string What = "A build snapshot";
    private const string HintMember = "The member 'poll_after' of a build snapshot";

    private const string TimeSpanFormat = "c";

    private static readonly WireMembers Members = new(
        "a build snapshot",
        ("status", nameof(BuildSnapshot.Status)),
        ("metadata", nameof(BuildSnapshot.Metadata)),
        ("poll_after", nameof(BuildSnapshot.PollAfter)));

    private static readonly BuildStatusJsonConverter Statuses = new();
    private static readonly BuildMetadataJsonConverter Metadata = new();

    /// <inheritdoc/>
    public override BuildSnapshot Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        WireReader.ExpectObject(ref reader, What);
        var seen = 0;
        var status = BuildStatus.Unknown;
        BuildMetadata? metadata = null;
        TimeSpan? pollAfter = null;
        while (Members.Next(ref reader, options, ref seen) is { } member)
        {
            switch (member)
            {
                case "status":
                    status = Statuses.Read(ref reader, typeof(BuildStatus), options);
                    break;
                case "metadata":
                    metadata = reader.TokenType == JsonTokenType.Null ? null : Metadata.Read(ref reader, typeof(BuildMetadata), options);
                    break;
                default:
                    pollAfter = ReadTimeSpanOrNull(ref reader);
                    break;
            }
        }

        Members.ThrowIfMissing("status", seen);
        return new BuildSnapshot { Status = status, Metadata = metadata, PollAfter = pollAfter };
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

        // The parser alone would read "5" as five days and would ignore blanks.
        return text.Contains(':', StringComparison.Ordinal)
            && !text.Any(char.IsWhiteSpace)
            && TimeSpan.TryParseExact(text, TimeSpanFormat, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new JsonException(
                "The member 'poll_after' of a build snapshot is not a time span; it must be one in the constant format, such as 00:00:05.");
    }
}
