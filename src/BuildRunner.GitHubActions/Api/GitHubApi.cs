using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using BuildRunner.Http;
using BuildRunner.Http.Runners;

namespace BuildRunner.GitHubActions.Api;

/// <summary>Calls the API about one workflow. A build is the first attempt of a run.</summary>
internal sealed class GitHubApi(HttpBackend rest, HttpBackend graph, GitHubActionsBuildRunnerOptions options, TimeProvider time)
{
    public const string RequestInput = "build_request";
    public const string KeyInput = "build_key";
    public const int PageSize = 100;

    private const int MaxPages = 10;

    private static readonly string[] SetupFaults =
        ["No ref found", "workflow_dispatch", "Unexpected inputs", "Required input", "not in the list of allowed values"];

    private static readonly string[] SecondaryLimits = ["secondary rate limit", "abuse"];

    // GitHub's own advice if it does not say how long.
    private static readonly TimeSpan Unsaid = TimeSpan.FromMinutes(1);

    // How long a workflow is assumed not to declare a key.
    private static readonly TimeSpan Keyless = TimeSpan.FromMinutes(10);

    // The number of a run does not fit into databaseId, which is an Int, so the order of the ids tells the runs apart.
    private const string Query = "query($ids:[ID!]!){nodes(ids:$ids){... on WorkflowRun{checkSuite{status conclusion}}}}";

    private readonly string _repository = $"repos/{Uri.EscapeDataString(options.Owner)}/{Uri.EscapeDataString(options.Repository)}";

    // What this server rejects is not sent twice.
    private volatile bool _givesDetails = options.ApiVersion == "2022-11-28";

    // The time stamp at which the workflow was found not to declare a key.
    private volatile StrongBox<long>? _keylessAt;

    public string HowToShow =>
        $"The runs of {options.Workflow} do not show their keys. Declare the input '{KeyInput}' of workflow_dispatch, and add: "
        + $"run-name: Build ${{{{ inputs.{KeyInput} }}}}";

    /// <summary>Gets the branch or tag of the options in the form that a run reports it.</summary>
    public string RefName { get; } =
        Array.Find(["refs/heads/", "refs/tags/"], prefix => options.Ref.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix
            ? options.Ref[prefix.Length..] : options.Ref;

    private string Workflow => $"{_repository}/actions/workflows/{Uri.EscapeDataString(options.Workflow)}";

    public async Task<BuildId> DispatchAsync(
        BuildInput input, string token, Func<CancellationToken, Task<BuildId?>> find, CancellationToken cancellationToken)
    {
        var merged = input.Merged;
        var isKeyless = merged is null && _keylessAt is { } keylessAt && time.GetElapsedTime(keylessAt.Value) < Keyless;
        var (givesDetails, takesKey) = (_givesDetails, !isKeyless);
        using var first = Message();
        return await rest.CreateAsync(first, IdOf, find, Amend, cancellationToken).ConfigureAwait(false);

        BuildId? IdOf(HttpReply reply) => reply.TryReadJson(GitHubJson.Default.DispatchAnswer, out var answer) && answer.WorkflowRunId > 0
            ? NumberedId.Of(answer.WorkflowRunId, merged?.CommitId).BuildId
            : null;

        HttpRequestMessage Message()
        {
            DispatchInputs inputs = new(input.Document, takesKey ? token : null);
            DispatchCall call = new(merged?.Branch ?? options.Ref, inputs, givesDetails ? true : null);
            return HttpJson.Post($"{Workflow}/dispatches", call, GitHubJson.Default.DispatchCall);
        }

        // A request that is rejected as invalid has created nothing.
        HttpRequestMessage? Amend(HttpReply refusal)
        {
            var before = (givesDetails, takesKey);
            givesDetails &= !Says(refusal, "return_run_details") || Says(refusal, "input");
            takesKey = Says(refusal, KeyInput)
                ? Says(refusal, "Required input") || (takesKey && (!Says(refusal, "Unexpected inputs") || Says(refusal, RequestInput)))
                : takesKey;
            _givesDetails &= givesDetails;
            if (merged is null && takesKey == isKeyless)
            {
                // A merged commit has the workflow of its change, which tells nothing about others.
                _keylessAt = takesKey ? null : new StrongBox<long>(time.GetTimestamp());
            }

            return before == (givesDetails, takesKey) ? null : Message();
        }
    }

    public static NumberedId IdOf(long number, string? headSha, ChangesForm changes) =>
        NumberedId.Of(number, changes == ChangesForm.Merged ? headSha : null);

    /// <summary>Decides what a rejected dispatch proves beyond its status code.</summary>
    public static CreateVerdict? Judge(HttpReply reply, ChangesForm changes)
    {
        if (reply.StatusCode != HttpStatusCode.UnprocessableEntity || !reply.IsJson)
        {
            return null;
        }

        // A branch that was just pushed may not be visible yet.
        return changes == ChangesForm.Merged && Says(reply, "No ref found") ? CreateVerdict.TryLater
            : SetupFaults.Any(fault => Says(reply, fault)) ? CreateVerdict.Misconfigured
            : null;
    }

    public static HttpQuota QuotaOf(HttpReply reply)
    {
        var quota = HttpQuota.FromHeaders(reply);
        var isSecondary = reply.StatusCode == HttpStatusCode.TooManyRequests
            || (reply.StatusCode == HttpStatusCode.Forbidden && SecondaryLimits.Any(limit => Says(reply, limit)));
        return isSecondary && quota is { RetryAfter: null, Remaining: not 0 } ? quota with { RetryAfter = Unsaid } : quota;
    }

    /// <summary>Gets a run, or <see langword="null"/> if it does not exist or belongs to another workflow.</summary>
    public async Task<RunRow?> GetAsync(NumberedId id, BuildId buildId, CancellationToken cancellationToken)
    {
        var path = $"{AttemptOf(id)}?exclude_pull_requests=true";
        if (await ReadAsync(path, GitHubJson.Default.RunRow, buildId, cancellationToken).ConfigureAwait(false) is { } row)
        {
            return IsOfWorkflow(row) ? row : null;
        }

        return await ReadAsync(_repository, GitHubJson.Default.RepositoryRow, buildId, cancellationToken).ConfigureAwait(false) is null
            ? throw Hidden("repository")
            : null;
    }

    public async Task<IReadOnlyList<JobRow>> GetJobsAsync(NumberedId id, BuildId buildId, CancellationToken cancellationToken)
    {
        List<JobRow> jobs = [];
        for (var page = 1; page <= MaxPages; page++)
        {
            var path = $"{AttemptOf(id)}/jobs?per_page={PageSize}&page={page}";
            var list = await ReadAsync(path, GitHubJson.Default.JobList, buildId, cancellationToken).ConfigureAwait(false);
            jobs.AddRange((list?.Jobs ?? []).OfType<JobRow>());
            if (list?.Jobs is not { Count: PageSize })
            {
                break;
            }
        }

        return jobs;
    }

    /// <summary>Lists dispatched runs, the newest first.</summary>
    public async Task<IReadOnlyList<RunRow>> ListAsync(DateTimeOffset from, int page, CancellationToken cancellationToken)
    {
        var created = Uri.EscapeDataString(from.UtcDateTime.ToString(">=yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        var path = $"{Workflow}/runs?event=workflow_dispatch&created={created}&exclude_pull_requests=true&per_page={PageSize}&page={page}";
        var reading = rest.ReadAsync(path, GitHubJson.Default.RunList, buildId: null, HttpOperations.Check, cancellationToken);
        var list = await reading.ConfigureAwait(false);
        return [.. (list ?? throw Hidden($"workflow {options.Workflow}")).WorkflowRuns?.OfType<RunRow>() ?? []];
    }

    /// <summary>Gets the states of runs with one GraphQL request. They may lag, and do not distinguish attempts.</summary>
    public async Task<IReadOnlyList<SuiteRow?>> GetManyAsync(IReadOnlyList<string> nodeIds, CancellationToken cancellationToken)
    {
        using var message = HttpJson.Post("graphql", new GraphCall(Query, new GraphVariables(nodeIds)), GitHubJson.Default.GraphCall);
        var answer = await graph.ReadAsync(message, GitHubJson.Default.GraphAnswer, buildId: null, cancellationToken).ConfigureAwait(false);
        if (answer?.Errors?.Any(static error => error?.Type == "RATE_LIMITED") == true)
        {
            throw new BuildRunnerException("GitHub's GraphQL rate limit is exhausted.") { IsTransient = true };
        }

        return answer?.Data?.Nodes is { } nodes && nodes.Count == nodeIds.Count ? [.. nodes.Select(static node => node?.CheckSuite)] : [];
    }

    public async Task CancelAsync(
        NumberedId id, BuildId buildId, bool isForced, Func<CancellationToken, Task<bool>> hasEnded, CancellationToken cancellationToken)
    {
        var path = $"{_repository}/actions/runs/{id.Text}/{(isForced ? "force-cancel" : "cancel")}";
        using HttpRequestMessage message = new(HttpMethod.Post, path) { Content = new ByteArrayContent([]) };
        await rest.CancelAsync(message, buildId, hasEnded, isAccepted: null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the logs of the jobs that have ended, one after the other.</summary>
    public Task<Stream> OpenLogsAsync(IEnumerable<JobRow> jobs, CancellationToken cancellationToken) => rest.OpenLogsAsync(
        jobs.Where(static job => job.Status == "completed")
            .Select(job => ($"{_repository}/actions/jobs/{job.Id}/logs", job.Name, job.Conclusion)),
        followsRedirects: true,
        cancellationToken);

    /// <summary>Determines whether this runner may have dispatched a run; others may use the workflow on another branch.</summary>
    public bool IsOfRef(RunRow row) =>
        options.Changes == ChangesForm.Merged || row.HeadBranch is null || row.HeadBranch == RefName;

    private string AttemptOf(NumberedId id) => $"{_repository}/actions/runs/{id.Text}/attempts/1";

    // ".github/workflows/build.yml@main"; some answers lack the branch.
    private bool IsOfWorkflow(RunRow row) => row.Path?.Split('@')[0].Split('/')[^1] is not { Length: > 0 } file || file == options.Workflow
        || row.WorkflowId?.ToString(CultureInfo.InvariantCulture) == options.Workflow;

    private static bool Says(HttpReply reply, string what) =>
        (int)reply.StatusCode is 400 or 403 or 422 && reply.Text.Contains(what, StringComparison.OrdinalIgnoreCase);

    private BuildRunnerConfigurationException Hidden(string what) =>
        new($"GitHub has no {what} in {options.Owner}/{options.Repository}, or hides it from these credentials.");

    private Task<T?> ReadAsync<T>(string path, JsonTypeInfo<T> type, BuildId? buildId, CancellationToken cancellationToken)
        where T : class => rest.ReadAsync(path, type, buildId, HttpOperations.Read, cancellationToken);
}
