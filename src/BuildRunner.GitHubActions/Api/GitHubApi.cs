using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using BuildRunner.Http;

namespace BuildRunner.GitHubActions.Api;

/// <summary>The calls about one workflow. A build is the first attempt at a run: what somebody starts again by hand is another one.</summary>
internal sealed class GitHubApi(HttpBackend rest, HttpBackend graph, GitHubActionsBuildRunnerOptions options)
{
    public const string RequestInput = "build_request";
    public const string KeyInput = "build_key";
    public const int PageSize = 100;

    private const int MaxPages = 10;

    // A run has no number of its own here that is sure to fit, so that the order of the ids is what tells the runs apart.
    private const string Query = "query($ids:[ID!]!){nodes(ids:$ids){... on WorkflowRun{checkSuite{status conclusion}}}}";

    private readonly string _repository = $"repos/{Uri.EscapeDataString(options.Owner)}/{Uri.EscapeDataString(options.Repository)}";

    // What this server does not take, or the workflow does not declare, is not sent twice.
    private volatile bool _givesDetails = options.ApiVersion == "2022-11-28";
    private volatile bool _takesKey = true;

    public string HowToShow => $"The runs of {options.Workflow} do not show their keys. Declare the input '{KeyInput}' of workflow_dispatch, and add to the workflow: run-name: Build ${{{{ inputs.{KeyInput} }}}}";

    private string Workflow => $"{_repository}/actions/workflows/{Uri.EscapeDataString(options.Workflow)}";

    public async Task<BuildId> DispatchAsync(string reference, string? document, string token, string? revision, Func<CancellationToken, Task<BuildId?>> find, CancellationToken cancellationToken)
    {
        var (givesDetails, takesKey) = (_givesDetails, _takesKey);
        using var first = Message();
        return await rest.CreateAsync(
            first,
            reply => reply.TryReadJson(GitHubJson.Default.DispatchAnswer, out var answer) && answer.WorkflowRunId > 0 ? new RunId(answer.WorkflowRunId, revision).BuildId : null,
            find,
            Amend,
            cancellationToken).ConfigureAwait(false);

        HttpRequestMessage Message()
        {
            Dictionary<string, string> inputs = [];
            if (document is not null)
            {
                inputs.Add(RequestInput, document);
            }

            if (takesKey)
            {
                inputs.Add(KeyInput, token);
            }

            return Post($"{Workflow}/dispatches", new DispatchCall(reference, inputs, givesDetails ? true : null), GitHubJson.Default.DispatchCall);
        }

        // A request that is not valid as a whole has created nothing.
        HttpRequestMessage? Amend(HttpReply refusal)
        {
            var text = (int)refusal.StatusCode is 400 or 422 ? refusal.Text : "";
            if (givesDetails && text.Contains("return_run_details", StringComparison.Ordinal))
            {
                _givesDetails = givesDetails = false;
                return Message();
            }

            if (takesKey && text.Contains("Unexpected inputs", StringComparison.Ordinal) && text.Contains(KeyInput, StringComparison.Ordinal))
            {
                _takesKey = takesKey = false;
                return Message();
            }

            return null;
        }
    }

    /// <summary>Says what a refused dispatch proves, where it is more than its status code says.</summary>
    public static CreateVerdict? Judge(HttpReply reply, ChangesForm changes)
    {
        if (reply.StatusCode != HttpStatusCode.UnprocessableEntity || !reply.IsJson)
        {
            return null;
        }

        // A branch that was pushed a moment ago may not be there yet.
        return reply.Text.Contains("No ref found", StringComparison.Ordinal) && changes == ChangesForm.Merged ? CreateVerdict.TryLater
            : SetupFaults.Any(fault => reply.Text.Contains(fault, StringComparison.Ordinal)) ? CreateVerdict.Misconfigured
            : null;
    }

    public static HttpQuota QuotaOf(HttpReply reply)
    {
        var quota = HttpQuota.FromHeaders(reply);
        var isSecondary = reply.StatusCode == HttpStatusCode.TooManyRequests
            || (reply.StatusCode == HttpStatusCode.Forbidden && (reply.Text.Contains("secondary rate limit", StringComparison.OrdinalIgnoreCase) || reply.Text.Contains("abuse", StringComparison.OrdinalIgnoreCase)));
        return isSecondary && quota.RetryAfter is null && quota.Remaining != 0 ? quota with { RetryAfter = TimeSpan.FromMinutes(1) } : quota;
    }

    /// <summary>Reads a run, or gets null if it is not there or of another workflow.</summary>
    public async Task<RunRow?> GetAsync(RunId id, BuildId buildId, CancellationToken cancellationToken)
    {
        if (await ReadAsync($"{_repository}/actions/runs/{id.Text}/attempts/1?exclude_pull_requests=true", GitHubJson.Default.RunRow, buildId, cancellationToken).ConfigureAwait(false) is { } row)
        {
            return IsOfWorkflow(row) ? row : null;
        }

        return await ReadAsync(_repository, GitHubJson.Default.RepositoryRow, buildId, cancellationToken).ConfigureAwait(false) is null
            ? throw new BuildRunnerConfigurationException($"GitHub has no repository {options.Owner}/{options.Repository}, or hides it from these credentials.") { BuildId = buildId }
            : null;
    }

    public async Task<IReadOnlyList<JobRow>> GetJobsAsync(RunId id, BuildId buildId, CancellationToken cancellationToken)
    {
        List<JobRow> jobs = [];
        for (var page = 1; page <= MaxPages; page++)
        {
            var list = await ReadAsync($"{_repository}/actions/runs/{id.Text}/attempts/1/jobs?per_page={PageSize}&page={page}", GitHubJson.Default.JobList, buildId, cancellationToken).ConfigureAwait(false);
            jobs.AddRange((list?.Jobs ?? []).OfType<JobRow>());
            if (list?.Jobs is not { Count: PageSize })
            {
                break;
            }
        }

        return jobs;
    }

    /// <summary>Lists runs that were dispatched, the newest first.</summary>
    public async Task<IReadOnlyList<RunRow>> ListAsync(DateTimeOffset from, int page, CancellationToken cancellationToken)
    {
        var created = Uri.EscapeDataString(from.UtcDateTime.ToString(">=yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        var list = await ReadAsync(
            $"{Workflow}/runs?event=workflow_dispatch&created={created}&exclude_pull_requests=true&per_page={PageSize}&page={page}",
            GitHubJson.Default.RunList,
            buildId: null,
            cancellationToken,
            HttpOperations.Check).ConfigureAwait(false);
        return [.. (list ?? throw new BuildRunnerConfigurationException($"GitHub has no workflow {options.Workflow} in {options.Owner}/{options.Repository}, or hides it from these credentials.")).WorkflowRuns?.OfType<RunRow>() ?? []];
    }

    /// <summary>Reads by one request what GraphQL says of runs. It may lag, knows no attempts, and leaves out what it does not know.</summary>
    public async Task<IReadOnlyList<SuiteRow?>> GetManyAsync(IReadOnlyList<string> nodeIds, CancellationToken cancellationToken)
    {
        using var message = Post("graphql", new GraphCall(Query, new GraphVariables(nodeIds)), GitHubJson.Default.GraphCall);
        var answer = await graph.ReadAsync(message, GitHubJson.Default.GraphAnswer, buildId: null, cancellationToken).ConfigureAwait(false);
        if (answer?.Errors?.Any(static error => error?.Type == "RATE_LIMITED") == true)
        {
            throw new BuildRunnerException("GitHub's GraphQL asked to be left alone.") { IsTransient = true };
        }

        return answer?.Data?.Nodes is { } nodes && nodes.Count == nodeIds.Count ? [.. nodes.Select(static node => node?.CheckSuite)] : [];
    }

    public async Task CancelAsync(RunId id, BuildId buildId, bool isForced, Func<CancellationToken, Task<bool>> hasEnded, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, $"{_repository}/actions/runs/{id.Text}/{(isForced ? "force-cancel" : "cancel")}") { Content = new ByteArrayContent([]) };
        await rest.CancelAsync(message, buildId, hasEnded, isAccepted: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the logs of the jobs that have ended, one after the other.</summary>
    public Task<Stream> OpenLogsAsync(IEnumerable<JobRow> jobs, CancellationToken cancellationToken) => rest.OpenTextAsync(
        [
            .. jobs.Where(static job => job.Status == "completed").Select(job => new HttpText($"{_repository}/actions/jobs/{job.Id.ToString(CultureInfo.InvariantCulture)}/logs")
            {
                Heading = $"== {job.Name} ({job.Conclusion})\n",
                FollowsRedirects = true,
                MayBeMissing = true,
            }),
        ],
        cancellationToken);

    public static HttpRequestMessage Post<T>(string path, T content, JsonTypeInfo<T> type) => new(HttpMethod.Post, path)
    {
        Content = new StringContent(JsonSerializer.Serialize(content, type), Encoding.UTF8, "application/json"),
    };

    private static readonly string[] SetupFaults = ["No ref found", "workflow_dispatch", "Unexpected inputs", "Required input", "not in the list of allowed values"];

    // ".github/workflows/verify.yml@main", without the branch in some answers.
    private bool IsOfWorkflow(RunRow row) => row.Path?.Split('@')[0].Split('/')[^1] is not { Length: > 0 } file || file == options.Workflow
        || row.WorkflowId?.ToString(CultureInfo.InvariantCulture) == options.Workflow;

    private async Task<T?> ReadAsync<T>(string path, JsonTypeInfo<T> type, BuildId? buildId, CancellationToken cancellationToken, string operation = HttpOperations.Read)
        where T : class
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Options.Set(HttpBackend.Operation, operation);
        return await rest.ReadAsync(request, type, buildId, cancellationToken).ConfigureAwait(false);
    }
}
