using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner;

/// <summary>Converts a <see cref="BuildStatus"/> to and from its name in lower case, and <see cref="BuildStatus.Unknown"/> to and from the
/// empty string.</summary>
/// <remarks>The type declares this converter itself. It is public for source generation in other assemblies. Names are compared exactly;
/// any other text is read as <see cref="BuildStatus.Unknown"/>. Reading anything but a string, or writing an undefined value, throws <see
/// cref="JsonException"/>.</remarks>
public sealed class BuildStatusJsonConverter : JsonConverter<BuildStatus>
{
    private const string What = "A build status";

    /// <inheritdoc/>
    public override BuildStatus Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        FromText(WireReader.ReadString(ref reader, What));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, BuildStatus value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStringValue(ToText(value));
    }

    /// <inheritdoc/>
    public override BuildStatus ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        FromText(WireReader.ReadText(ref reader, What));

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, BuildStatus value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WritePropertyName(ToText(value));
    }

    private static BuildStatus FromText(string text) => text switch
    {
        "accepted" => BuildStatus.Accepted,
        "running" => BuildStatus.Running,
        "succeeded" => BuildStatus.Succeeded,
        "failed" => BuildStatus.Failed,
        "cancelled" => BuildStatus.Cancelled,
        _ => BuildStatus.Unknown,
    };

    private static string ToText(BuildStatus status) => status switch
    {
        BuildStatus.Unknown => "",
        BuildStatus.Accepted => "accepted",
        BuildStatus.Running => "running",
        BuildStatus.Succeeded => "succeeded",
        BuildStatus.Failed => "failed",
        BuildStatus.Cancelled => "cancelled",
        _ => throw new JsonException($"{(int)status} is not a build status; it must be a defined value."),
    };
}
