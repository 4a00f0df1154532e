using System.Net;
using System.Text.Json.Serialization.Metadata;
using BuildRunner.Http;
using BuildRunner.Http.Runners;

namespace BuildRunner.GitLab.Api;

/// <summary>The calls about the pipelines of one project.</summary>
internal sealed class GitLabApi(HttpBackend rest, HttpBackend creates, GitLabBuildRunnerOptions options)
{
    public const int PageSize = 100;
    public const string HowToShow = "The pipelines do not show their keys. Add to the pipeline file: workflow: { name: '$BUILD_KEY' }";

    private const string TooMany = "Too many pipelines created";
    private const string NoReference = "Reference not found";

    // The window of GitLab's limit, which no header tells.
    private static readonly TimeSpan CreateWindow = TimeSpan.FromMinutes(1);

    private readonly string _project = $"projects/{Uri.EscapeDataString(options.Project)}";
    private readonly bool _isMerged = options.Changes == ChangesForm.Merged;

    // GitLab's own limiter answers in plain text.
    public static bool IsOwnAnswer(HttpReply reply) =>
        reply.IsJson || (reply.StatusCode == HttpStatusCode.TooManyRequests && reply.ContentType == "text/plain");

    public static HttpQuota CreateQuotaOf(HttpReply reply) => Says(reply, TooMany)
        ? HttpQuota.FromHeaders(reply) with { RetryAfter = CreateWindow } : HttpQuota.FromHeaders(reply);

    /// <summary>Says what a refused create proves, if it is more than its status code says.</summary>
    public static CreateVerdict? Judge(HttpReply reply, ChangesForm changes)
    {
        // A branch that was just pushed may not be there yet. The file and the branch of a document are the runner's, not the request's.
        var isMerged = changes == ChangesForm.Merged;
        return Says(reply, TooMany) || (isMerged && Says(reply, NoReference)) ? CreateVerdict.TryLater
            : Says(reply, "permission") || Says(reply, NoReference) || (!isMerged && Says(reply, "\"base\""))
                ? CreateVerdict.Misconfigured : null;
    }

    public NumberedId IdOf(PipelineRow row) => NumberedId.Of(row.Id, _isMerged ? row.Sha : null);

    public async Task<BuildId> CreateAsync(BuildInput input, Func<CancellationToken, Task<BuildId?>> find, CancellationToken stop)
    {
        using var message = MessageOf(input, input.Token);
        return await creates.CreateAsync(message, IdOfReply, find, Amend, stop).ConfigureAwait(false);

        BuildId? IdOfReply(HttpReply reply) => reply.TryReadJson(GitLabJson.Default.PipelineRow, out var row) && row.Id > 0
            ? NumberedId.Of(row.Id, input.Merged?.CommitId).BuildId : null;

        // A merged commit can be built without a name.
        HttpRequestMessage? Amend(HttpReply reply) => _isMerged && Says(reply, "set pipeline variables") ? MessageOf(input, null) : null;
    }

    /// <summary>Reads a pipeline, or gets <see langword="null"/> if it does not exist in a project that can be seen.</summary>
    public async Task<PipelineRow?> GetAsync(NumberedId id, CancellationToken stop)
    {
        var row = await rest.ReadAsync(PathOf(id), GitLabJson.Default.PipelineRow, cancellationToken: stop).ConfigureAwait(false);
        if (row is null)
        {
            // Throws if it is the project that is hidden.
            await ListAsync("order_by=id", HttpOperations.Read, stop).AnyAsync(stop).ConfigureAwait(false);
        }

        return row;
    }

    /// <summary>Lists pipelines of the kind that this runner creates, page by page.</summary>
    public IAsyncEnumerable<PipelineRow> ListAsync(string query, string operation, CancellationToken stop) => ListAllAsync(
        $"{_project}/pipelines?{query}&source={(options.TriggerToken is null ? "api" : "trigger")}",
        GitLabJson.Default.IReadOnlyListPipelineRow, operation, stop);

    /// <summary>Determines whether there are pipelines and none of the latest shows a key.</summary>
    public async Task<bool> IsMuteAsync(CancellationToken stop)
    {
        var rows = ListAsync("order_by=id&sort=desc", HttpOperations.Check, stop).Take(PageSize);
        var keys = await rows.Select(static row => row.Name?.StartsWith("br-", StringComparison.Ordinal) == true).Distinct()
            .ToListAsync(stop).ConfigureAwait(false);
        return keys is [false];
    }

    /// <summary>Reads the key of a pipeline and what it was asked to build, as far as its variables tell.</summary>
    public async Task<(string? Name, BuildRequest? Request)> GetInputAsync(NumberedId id, string operation, CancellationToken stop)
    {
        // Not found, beside a pipeline that was, proves nothing: the two may have been read from different replicas of the database.
        var variables = await rest.ReadAsync($"{PathOf(id)}/variables", GitLabJson.Default.IReadOnlyListVariableRow, null, operation, stop)
            .ConfigureAwait(false) ?? throw new BuildRunnerException($"GitLab has no variables of {id.Text} yet.") { IsTransient = true };
        string? Value(string key) => variables.FirstOrDefault(variable => variable?.Key == key)?.Value;
        return (Value("BUILD_KEY"), RequestDocument.Read(Value("BUILD_REQUEST")));
    }

    /// <summary>Gets the jobs of a pipeline, among them those that start other pipelines.</summary>
    public async Task<IReadOnlyList<JobRow>> GetJobsAsync(NumberedId id, CancellationToken stop)
    {
        IAsyncEnumerable<JobRow> ListAsync(string kind) => ListAllAsync(
            $"{PathOf(id)}/{kind}?include_retried=false", GitLabJson.Default.IReadOnlyListJobRow, HttpOperations.Read, stop);
        return await ListAsync("jobs").Concat(ListAsync("bridges")).OrderBy(static job => job.Id).ToListAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Cancels a pipeline, or one of its jobs by force. Gets the state after that, or null if the pipeline had ended.</summary>
    public async Task<string?> CancelAsync(NumberedId id, JobRow? job, Func<CancellationToken, Task<bool>> hasEnded, CancellationToken stop)
    {
        string? state = null;
        var path = job is null ? $"{PathOf(id)}/cancel" : $"{_project}/jobs/{job.Id}/cancel?force=true";
        using HttpRequestMessage message = new(HttpMethod.Post, path) { Content = new ByteArrayContent([]) };
        await rest.CancelAsync(message, id.BuildId, hasEnded, IsAccepted, stop).ConfigureAwait(false);
        return state;

        // GitLab answers 200 in any state.
        bool IsAccepted(HttpReply reply) => reply.IsSuccess
            && (state = reply.TryReadJson(GitLabJson.Default.PipelineRow, out var row) ? row.Status : null) is not null;
    }

    /// <summary>Opens the logs of the jobs that have started, as far as they have been written.</summary>
    public Task<Stream> OpenLogsAsync(IEnumerable<JobRow> jobs, CancellationToken cancellationToken) => rest.OpenLogsAsync(
        jobs.Where(static job => job.StartedAt is not null).Select(job => ($"{_project}/jobs/{job.Id}/trace", job.Name, job.Status)),
        followsRedirects: true, cancellationToken);

    private static bool Says(HttpReply reply, string what) => reply is { StatusCode: HttpStatusCode.BadRequest, IsJson: true }
        && reply.Text.Contains(what, StringComparison.OrdinalIgnoreCase);

    private string PathOf(NumberedId id) => $"{_project}/pipelines/{id.Text}";

    private HttpRequestMessage MessageOf(BuildInput input, string? name)
    {
        var reference = input.Merged?.Branch ?? options.Ref;
        VariableRow[] all =
        [
            new("BUILD_KEY", name),
            new("BUILD_REQUEST", input.Document),
            new("BUILD_REQUEST_SHA256", input.Document is { } document ? BuildInput.HashOf(document) : null),
        ];
        var variables = all.Where(static variable => variable.Value is not null).ToList();
        if (options.TriggerToken is null)
        {
            return HttpJson.Post($"{_project}/pipeline", new CreateCall(reference, variables), GitLabJson.Default.CreateCall);
        }

        var fields = variables.Select(static one => KeyValuePair.Create($"variables[{one.Key}]", one.Value!));
        FormUrlEncodedContent form = new(fields.Prepend(KeyValuePair.Create("ref", reference)));
        return new HttpRequestMessage(HttpMethod.Post, $"{_project}/trigger/pipeline") { Content = form };
    }

    private IAsyncEnumerable<T> ListAllAsync<T>(string path, JsonTypeInfo<IReadOnlyList<T?>> type, string operation, CancellationToken stop)
        where T : class => rest.ReadPagesAsync(path, type, Hidden, operation, cancellationToken: stop);

    private BuildRunnerConfigurationException Hidden() => new($"GitLab has no project {options.Project}, or hides it from this token.");
}
