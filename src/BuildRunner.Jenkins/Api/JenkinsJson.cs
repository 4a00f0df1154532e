using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Jenkins.Api;

/// <summary>The JSON of the API, as far as it is used, and of a request. What is not exported is an empty object.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JobRow)), JsonSerializable(typeof(QueueRow)), JsonSerializable(typeof(ItemRow)), JsonSerializable(typeof(BuildRow))]
[JsonSerializable(typeof(BuildRequest))]
internal sealed partial class JenkinsJson : JsonSerializerContext;

internal sealed record JobRow(
    bool? Buildable, IReadOnlyList<PropertyRow?>? Property, IReadOnlyList<BuildRow?>? Builds, IReadOnlyList<BuildRow?>? AllBuilds);

internal sealed record PropertyRow(IReadOnlyList<DefinitionRow?>? ParameterDefinitions);
internal sealed record DefinitionRow(string? Name, string? Type);
internal sealed record QueueRow(IReadOnlyList<ItemRow?>? Items);
internal sealed record ItemRow(
    long Id, bool? Blocked, bool? Buildable, bool? Cancelled, ExecutableRow? Executable, IReadOnlyList<ActionRow?>? Actions);

internal sealed record ExecutableRow(long? Number);
internal sealed record BuildRow([property: JsonPropertyName("_class")] string? Class, long Number, long QueueId, bool? Building,
    bool? InProgress, string? Result, IReadOnlyList<ActionRow?>? Actions);

internal sealed record ActionRow(IReadOnlyList<ParameterRow?>? Parameters);
internal sealed record ParameterRow(string? Name, JsonElement Value);
