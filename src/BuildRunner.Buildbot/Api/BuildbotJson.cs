using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Buildbot.Api;

/// <summary>Serializes the parts of the master's API that the runner uses.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MasterAnswer)), JsonSerializable(typeof(RpcAnswer)), JsonSerializable(typeof(ForceCall))]
[JsonSerializable(typeof(CancelCall))]
internal sealed partial class BuildbotJson : JsonSerializerContext;

/// <summary>Represents an answer to a read, which has one of the lists.</summary>
internal sealed record MasterAnswer(
    IReadOnlyList<BuildRequestRow>? Buildrequests, IReadOnlyList<BuildsetRow>? Buildsets, IReadOnlyList<BuildRow>? Builds,
    IReadOnlyList<StepRow>? Steps, IReadOnlyList<LogRow>? Logs,
    IReadOnlyList<BuilderRow>? Builders, IReadOnlyList<SchedulerRow>? Forceschedulers);

/// <summary>Represents a build request. What Buildbot calls a build is an attempt at one.</summary>
internal sealed record BuildRequestRow(
    long Buildrequestid, long Buildsetid, long Builderid, bool Claimed, bool Complete, int? Results,
    IReadOnlyDictionary<string, JsonElement>? Properties)
{
    public string? Property(string name) => Properties.TextOf(name);
}

internal sealed record BuildsetRow(long Bsid, string? Reason, IReadOnlyList<SourceStampRow>? Sourcestamps);
internal sealed record SourceStampRow(string? Branch, string? Revision);
internal sealed record BuildRow(long Buildid, IReadOnlyDictionary<string, JsonElement>? Properties);
internal sealed record StepRow(long Stepid);
internal sealed record LogRow(long Logid);
internal sealed record BuilderRow(long Builderid, string? Name);
internal sealed record SchedulerRow(string? Name, IReadOnlyList<string>? BuilderNames, IReadOnlyList<FieldRow>? AllFields);

internal sealed record FieldRow(
    [property: JsonPropertyName("fullName")] string? FullName,
    string? Type,
    [property: JsonPropertyName("required")] bool IsRequired,
    IReadOnlyList<FieldRow>? Fields)
{
    public IEnumerable<string> Required() =>
        IsRequired && FullName is not null ? [FullName] : (Fields ?? []).SelectMany(static field => field.Required());

    public bool Takes(string name) => (FullName == name && Type != "fixed") || Fields?.Any(field => field.Takes(name)) == true;
}

internal sealed record ForceCall(string Jsonrpc, int Id, string Method, ForceParameters Params);

internal sealed record ForceParameters(
    [property: JsonPropertyName("builderNames")] IReadOnlyList<string> BuilderNames,
    string Reason,
    [property: JsonPropertyName(BuildbotMaster.KeyProperty)] string Key,
    [property: JsonPropertyName(BuildbotMaster.RequestProperty)] string? Request,
    string? Branch,
    string? Revision);

internal sealed record CancelCall(string Jsonrpc, int Id, string Method, CancelParameters Params);
internal sealed record CancelParameters(string Reason);
internal sealed record RpcAnswer(IReadOnlyList<JsonElement>? Result, RpcError? Error);
internal sealed record RpcError(int? Code);

internal static class BuildbotProperties
{
    /// <summary>Gets the text of a property, which the API lists together with its source.</summary>
    public static string? TextOf(this IReadOnlyDictionary<string, JsonElement>? properties, string name) =>
        properties?.TryGetValue(name, out var pair) == true && pair.ValueKind == JsonValueKind.Array
        && pair.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
}
