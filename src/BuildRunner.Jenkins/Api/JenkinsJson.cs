using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Jenkins.Api;

/// <summary>The JSON of the API, as far as it is used. What is not exported is an empty object.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JobRow)), JsonSerializable(typeof(QueueRow)), JsonSerializable(typeof(Row))]
internal sealed partial class JenkinsJson : JsonSerializerContext;

internal sealed record JobRow(
    bool? Buildable, IReadOnlyList<PropertyRow?>? Property, IReadOnlyList<Row?>? Builds, IReadOnlyList<Row?>? AllBuilds);

internal sealed record PropertyRow(IReadOnlyList<DefinitionRow?>? ParameterDefinitions);
internal sealed record DefinitionRow(string? Name, string? Type);
internal sealed record QueueRow(IReadOnlyList<Row?>? Items);

/// <summary>An item of the queue, which has an id, or a build, which has the number of its item.</summary>
internal sealed record Row([property: JsonPropertyName("_class")] string? Class, long Id, bool? Blocked, bool? Buildable, bool? Cancelled,
    Row? Executable, long? Number, long QueueId, bool? Building, bool? InProgress, string? Result, IReadOnlyList<ActionRow?>? Actions)
{
    public long Key => QueueId > 0 ? QueueId : Id;
}

internal sealed record ActionRow(IReadOnlyList<ParameterRow?>? Parameters);
internal sealed record ParameterRow(string? Name, JsonElement Value);
