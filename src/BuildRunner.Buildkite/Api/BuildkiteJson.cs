using System.Text.Json;
using System.Text.Json.Serialization;

namespace BuildRunner.Buildkite.Api;

/// <summary>The JSON of the API, as far as it is used, and of what is sent. States are text: Buildkite adds some.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NewBuild)), JsonSerializable(typeof(BuildRow)), JsonSerializable(typeof(IReadOnlyList<BuildRow?>))]
[JsonSerializable(typeof(WebhookRow)), JsonSerializable(typeof(LimitRow))]
internal sealed partial class BuildkiteJson : JsonSerializerContext
{
    /// <summary>Gets a text out of the environment or the meta-data of a build, whose values may be anything.</summary>
    public static string? TextOf(JsonElement members, string name) =>
        members.ValueKind == JsonValueKind.Object && members.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}

internal sealed record NewBuild(
    string Commit, string Branch, string Message, bool IgnorePipelineBranchFilters,
    Dictionary<string, string>? Env, Dictionary<string, string> MetaData);

internal sealed record BuildRow(
    string? Id, long Number, string? State, bool? Blocked, string? CancelReason, string? Commit, string? WebUrl,
    JsonElement Env, JsonElement MetaData, JsonElement RebuiltFrom, IReadOnlyList<JobRow?>? Jobs, PipelineRow? Pipeline);

internal sealed record PipelineRow(
    bool? SkipQueuedBranchBuilds, string? SkipQueuedBranchBuildsFilter,
    bool? CancelRunningBranchBuilds, string? CancelRunningBranchBuildsFilter);

internal sealed record JobRow(
    string? Id, string? Type, string? Name, string? State, bool? SoftFailed, long? ExitStatus, string? SignalReason, string? StartedAt,
    AgentRow? Agent);

internal sealed record AgentRow(string? ConnectionState);
internal sealed record WebhookRow(WebhookBuild? Build, WebhookPipeline? Pipeline);
internal sealed record WebhookBuild(long? Number);
internal sealed record WebhookPipeline(string? Slug);
internal sealed record LimitRow(uint? Reset);
