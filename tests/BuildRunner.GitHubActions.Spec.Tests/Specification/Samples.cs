using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace BuildRunner.GitHubActions.Spec.Tests.Specification;

/// <summary>Requests that are right and the answers that GitHub shows for them.</summary>
internal static class Samples
{
    private static readonly Lazy<JsonNode> Examples =
        new(static () => JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "openapi", "slices", "examples.json")))!);

    public const string Dispatch = "POST /repos/acme/shop/actions/workflows/build.yml/dispatches";
    public const string GetRun = "GET /repos/acme/shop/actions/runs/30433642?exclude_pull_requests=true";
    public const string Cancel = "POST /repos/acme/shop/actions/runs/30433642/cancel";
    public const string JobLogs = "GET /repos/acme/shop/actions/jobs/399444496/logs";
    public const string ListRuns = "GET /repos/acme/shop/actions/workflows/build.yml/runs"
        + "?event=workflow_dispatch&created=%3E%3D2026-11-20T19%3A00%3A00Z&per_page=100&page=1";

    public static TheoryData<string, string> All => new()
    {
        { "meta/get", "GET /meta" },
        { "apps/create-installation-access-token", "POST /app/installations/1/access_tokens" },
        { "repos/get", "GET /repos/acme/shop" },
        { "actions/get-workflow", "GET /repos/acme/shop/actions/workflows/build.yml" },
        { "actions/create-workflow-dispatch", Dispatch },
        { "actions/list-workflow-runs", ListRuns },
        { "actions/list-workflow-runs-for-repo", "GET /repos/acme/shop/actions/runs?status=in_progress&branch=main" },
        { "actions/get-workflow-run", GetRun },
        { "actions/get-workflow-run-attempt", "GET /repos/acme/shop/actions/runs/30433642/attempts/1" },
        { "actions/list-jobs-for-workflow-run-attempt", "GET /repos/acme/shop/actions/runs/30433642/attempts/1/jobs?per_page=100" },
        { "actions/download-workflow-run-attempt-logs", "GET /repos/acme/shop/actions/runs/30433642/attempts/1/logs" },
        { "actions/list-jobs-for-workflow-run", "GET /repos/acme/shop/actions/runs/30433642/jobs?filter=latest" },
        { "actions/download-workflow-run-logs", "GET /repos/acme/shop/actions/runs/30433642/logs" },
        { "actions/cancel-workflow-run", Cancel },
        { "actions/force-cancel-workflow-run", "POST /repos/acme/shop/actions/runs/30433642/force-cancel" },
        { "actions/get-job-for-workflow-run", "GET /repos/acme/shop/actions/jobs/399444496" },
        { "actions/download-job-logs-for-workflow-run", JobLogs },
    };

    /// <summary>Gets GitHub's example of the body of a request; empty if there is none.</summary>
    public static string BodyOf(string operation) =>
        Examples.Value[operation]!["requests"]!.AsArray().FirstOrDefault()?.ToJsonString() ?? "";

    /// <summary>Gets what GitHub shows as its answer.</summary>
    public static ApiReply ReplyOf(string operation)
    {
        var replies = Examples.Value[operation]!["replies"]!.AsObject();
        if (replies.Count == 0)
        {
            return Reply(302, "", ("Location", "https://logs.example/1?sig=2"));
        }

        // What it shows for a cancel, null, is not what its schema says.
        var (status, bodies) = replies.First();
        return Reply(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture), bodies!.AsArray()[0]?.ToJsonString() ?? "{}");
    }

    public static ApiRequest Request(string line, string body = "", params (string Name, string Value)[] headers)
    {
        var (method, target) = (line.Split(' ')[0], line.Split(' ')[1]);
        Dictionary<string, string> all = new()
        {
            ["User-Agent"] = "BuildRunner",
            ["Accept"] = "application/vnd.github+json",
            ["X-GitHub-Api-Version"] = "2022-11-28",
        };
        if (body.Length > 0)
        {
            all["Content-Type"] = "application/json; charset=utf-8";
            all["Content-Length"] = Encoding.UTF8.GetByteCount(body).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        foreach (var (name, value) in headers)
        {
            all[name] = value;
        }

        return new(method, new Uri("https://api.github.com" + target), all, body);
    }

    public static ApiReply Reply(int status, string body, params (string Name, string Value)[] headers)
    {
        var all = headers.ToDictionary(static header => header.Name, static header => header.Value);
        if (body.Length > 0)
        {
            all.TryAdd("Content-Type", "application/json; charset=utf-8");
        }

        return new(status, all, body);
    }

    public static HttpRequestMessage Message(ApiRequest request)
    {
        HttpRequestMessage message = new(new HttpMethod(request.Method), request.Address);
        if (request.Body.Length > 0)
        {
            message.Content = new StringContent(request.Body, MediaTypeHeaderValue.Parse(request.Headers["Content-Type"]));
        }

        foreach (var (name, value) in request.Headers.Where(static header => !header.Key.StartsWith("Content-", StringComparison.Ordinal)))
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }
}
