using System.Globalization;
using System.Text.Json.Serialization;

namespace BuildRunner.GitLab.Api;

/// <summary>The JSON of the API, as far as it is used. States are strings, because GitLab adds some.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CreateCall)), JsonSerializable(typeof(WebhookRow))]
[JsonSerializable(typeof(PipelineRow)), JsonSerializable(typeof(IReadOnlyList<PipelineRow?>))]
[JsonSerializable(typeof(IReadOnlyList<JobRow?>)), JsonSerializable(typeof(IReadOnlyList<VariableRow?>))]
internal sealed partial class GitLabJson : JsonSerializerContext;

internal sealed record CreateCall(string Ref, IReadOnlyList<VariableRow> Variables);
internal sealed record VariableRow(string? Key, string? Value);
internal sealed record JobRow(long Id, string? Name, string? Status, string? FailureReason, bool? AllowFailure, string? StartedAt);

internal sealed record PipelineRow(long Id, string? Status, string? Sha, string? Name, string? WebUrl, string? UpdatedAt)
{
    [JsonIgnore]
    public DateTimeOffset? ChangedAt => DateTimeOffset.TryParse(UpdatedAt, CultureInfo.InvariantCulture, out var time) ? time : null;
}

internal sealed record WebhookRow(string? ObjectKind, PipelineRow? ObjectAttributes, WebhookProject? Project);
internal sealed record WebhookProject(long? Id, string? PathWithNamespace);
