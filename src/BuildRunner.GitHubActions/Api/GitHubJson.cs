using System.Text.Json.Serialization;

namespace BuildRunner.GitHubActions.Api;

/// <summary>Serializes the parts of the API that the runner uses. States are strings, because GitHub adds new ones.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DispatchCall)), JsonSerializable(typeof(DispatchAnswer))]
[JsonSerializable(typeof(RunRow)), JsonSerializable(typeof(RunList)), JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(RepositoryRow)), JsonSerializable(typeof(WebhookRow))]
[JsonSerializable(typeof(GraphCall)), JsonSerializable(typeof(GraphAnswer))]
[JsonSerializable(typeof(TokenCall)), JsonSerializable(typeof(TokenAnswer))]
internal sealed partial class GitHubJson : JsonSerializerContext;

internal sealed record DispatchCall(string Ref, DispatchInputs Inputs, bool? ReturnRunDetails);
internal sealed record DispatchInputs(string? BuildRequest, string? BuildKey);
internal sealed record DispatchAnswer(long WorkflowRunId);

internal sealed record RunRow(
    long Id, string? NodeId, string? Status, string? Conclusion, string? HeadSha, string? HeadBranch, string? HtmlUrl, string? Path,
    long? WorkflowId, string? DisplayTitle, string? CreatedAt);

internal sealed record RunList(IReadOnlyList<RunRow?>? WorkflowRuns);
internal sealed record JobList(IReadOnlyList<JobRow?>? Jobs);
internal sealed record JobRow(long Id, string? Name, string? Status, string? Conclusion, IReadOnlyList<StepRow?>? Steps);
internal sealed record StepRow(string? Conclusion);
internal sealed record RepositoryRow(string? FullName);

internal sealed record GraphCall(string Query, GraphVariables Variables);
internal sealed record GraphVariables(IReadOnlyList<string> Ids);
internal sealed record GraphAnswer(GraphData? Data, IReadOnlyList<GraphError?>? Errors);
internal sealed record GraphData(IReadOnlyList<GraphNode?>? Nodes);
internal sealed record GraphNode([property: JsonPropertyName("checkSuite")] SuiteRow? CheckSuite);
internal sealed record SuiteRow(string? Status, string? Conclusion);
internal sealed record GraphError(string? Type);

internal sealed record TokenCall(IReadOnlyList<string> Repositories, IReadOnlyDictionary<string, string> Permissions);
internal sealed record TokenAnswer(string? Token, DateTimeOffset? ExpiresAt);

internal sealed record WebhookRow(WebhookRun? WorkflowRun, WebhookJob? WorkflowJob, RepositoryRow? Repository);
internal sealed record WebhookRun(long? Id, string? HeadSha);
internal sealed record WebhookJob(long? RunId, string? HeadSha);
