using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace BuildRunner.GitHubActions.Tests.Fake;

/// <summary>What its addresses do.</summary>
internal sealed partial class FakeGitHub
{
    private const int MaxFound = 1000;
    private const int MaxInputs = 65_535;

    private static readonly string[] Versions = ["2022-11-28", "2026-03-10"];

    private static FakeReply Missing => FakeReply.Json(404, GitHubAnswers.Error(404, "Not Found"));

    private string Root => mode is FakeMode.Ghes319 or FakeMode.Ghes321 ? "/api/v3" : "";

    private string GraphPath => mode is FakeMode.Ghes319 or FakeMode.Ghes321 ? "/api/graphql" : "/graphql";

    private FakeReply Act(FakeRequest request)
    {
        if (request.Path.StartsWith("/store/", StringComparison.Ordinal))
        {
            return Stored(request);
        }

        if (string.IsNullOrEmpty(request.Header("User-Agent")))
        {
            return FakeReply.Html(403);
        }

        if (request.Header("X-GitHub-Api-Version") is not { } version || !Versions.Contains(version))
        {
            return FakeReply.Json(400, GitHubAnswers.Error(400, "The requested API version is not supported."));
        }

        if (request.Method == "POST" && request.Path.StartsWith($"{Root}/app/installations/", StringComparison.Ordinal))
        {
            return MintToken(request);
        }

        if (!IsAuthorized(request))
        {
            return FakeReply.Json(401, GitHubAnswers.Error(401, "Bad credentials"));
        }

        return request.Path == GraphPath ? Graph(request)
            : !IsHidden && request.Path.StartsWith($"{Root}/repos/{FullName}", StringComparison.OrdinalIgnoreCase)
                ? ActOnRepository(request, request.Path[$"{Root}/repos/{FullName}".Length..])
            : Missing;
    }

    private FakeReply ActOnRepository(FakeRequest request, string path)
    {
        if (request.Method == "POST" && IsReadOnly)
        {
            return FakeReply.Json(403, GitHubAnswers.Error(403, "Resource not accessible by integration"))
                .With("X-Accepted-GitHub-Permissions", "actions=write");
        }

        return (request.Method, path.Split('/', StringSplitOptions.None)[1..]) switch
        {
            ("GET", []) => FakeReply.Json(200, GitHubAnswers.Repository(this)),
            ("POST", ["actions", "workflows", var workflow, "dispatches"]) when IsWorkflow(workflow) => Dispatch(request),
            ("GET", ["actions", "workflows", var workflow, "runs"]) when IsWorkflow(workflow) => List(request),
            ("GET", ["actions", "runs", var id, "attempts", var attempt]) when Find(id) is { } run
                && AttemptOf(run, attempt) is { } number => FakeReply.Json(200, GitHubAnswers.Run(this, run, number)),
            ("GET", ["actions", "runs", var id, "attempts", var attempt, "jobs"]) when Find(id) is { } run
                && AttemptOf(run, attempt) is { } number => Jobs(request, run, number),
            ("GET", ["actions", "runs", var id]) when Find(id) is { } run =>
                FakeReply.Json(200, GitHubAnswers.Run(this, run, run.Attempts)),
            ("POST", ["actions", "runs", var id, "cancel" or "force-cancel"]) when Find(id) is { } run =>
                Cancel(run, isForced: path.EndsWith("/force-cancel", StringComparison.Ordinal)),
            ("GET", ["actions", "jobs", var id, "logs"]) => new FakeReply(302, "", "")
                .With("Location", new Uri(LogStore, $"store/{id}?sig=a-signature").AbsoluteUri),
            _ => Missing,
        };
    }

    private FakeReply Dispatch(FakeRequest request)
    {
        if (JsonNode.Parse(request.Body) is not JsonObject call)
        {
            return FakeReply.Json(400, GitHubAnswers.Error(400, "Problems parsing JSON"));
        }

        var asksForDetails = call["return_run_details"]?.GetValue<bool>() == true;
        var inputs = call["inputs"] as JsonObject ?? [];
        if (call.Select(static member => member.Key).FirstOrDefault(key => key is not ("ref" or "inputs")
            && !(key == "return_run_details" && mode is FakeMode.GitHub or FakeMode.Ghes321)) is { } unknown)
        {
            var status = mode == FakeMode.V2026 ? 422 : 400;
            return FakeReply.Json(status, GitHubAnswers.Error(status, $"Invalid request.\n\n\"{unknown}\" is not a permitted key."));
        }

        var branch = call["ref"]?.GetValue<string>().Replace("refs/heads/", "", StringComparison.Ordinal);
        var tip = branch is null ? null : TipOf(branch);
        if (Refusal(call, inputs, tip) is { } message)
        {
            return FakeReply.Json(422, GitHubAnswers.Error(422, message));
        }

        if (DropsRuns)
        {
            return new FakeReply(204, "", "");
        }

        var title = InputName().Replace(RunName, match => inputs[match.Groups["name"].Value]?.GetValue<string>() ?? "");
        var id = Interlocked.Increment(ref _lastRun);
        FakeRun run = new(id, branch!, tip!, title.Length == 0 ? "Verify" : title, (JsonObject)inputs.DeepClone(), Now)
        {
            IgnoresCancel = inputs.ToJsonString().Contains("test:IgnoresCancel/", StringComparison.Ordinal),
        };
        _runs[id] = run;
        return mode == FakeMode.V2026 || asksForDetails ? FakeReply.Json(200, GitHubAnswers.Dispatched(this, run))
            : new FakeReply(204, "", "");
    }

    private string? Refusal(JsonObject call, JsonObject inputs, string? tip)
    {
        var most = mode == FakeMode.Ghes319 ? 10 : 25;
        return call["ref"]?.GetValue<string>() is not { } reference ? "Required input 'ref' not provided"
            : !HasDispatchTrigger ? "Workflow does not have 'workflow_dispatch' trigger"
            : tip is null ? $"No ref found for: {reference}"
            : inputs.Count > most ? $"Invalid request.\n\nNo more than {most} properties are allowed; {inputs.Count} were supplied."
            : inputs.Select(static input => input.Key).Where(key => !Inputs.Contains(key)).ToList() is { Count: > 0 } undeclared
                ? $"Unexpected inputs provided: {JsonSerializer.Serialize(undeclared)}"
            : inputs.Sum(static input => input.Value!.GetValue<string>().Length) > MaxInputs ? "inputs are too large"
            : inputs["build_request"]?.GetValue<string>().Contains("test:Rejected/", StringComparison.Ordinal) == true
                ? "This change cannot be built"
            : null;
    }

    private FakeReply List(FakeRequest request)
    {
        var from = request.Query("created") is { } created && created.StartsWith(">=", StringComparison.Ordinal)
            ? DateTimeOffset.Parse(created[2..], CultureInfo.InvariantCulture) : DateTimeOffset.MinValue;
        var size = int.Parse(request.Query("per_page") ?? "30", CultureInfo.InvariantCulture);
        var page = int.Parse(request.Query("page") ?? "1", CultureInfo.InvariantCulture);
        var found = Runs.Reverse().Where(run => run.CreatedAt >= from && run.CreatedAt + ListLag <= Now && run.UnlistedUntil <= Now
            && request.Query("event") is null or "workflow_dispatch").Take(MaxFound).ToList();
        var reply = FakeReply.Json(200, GitHubAnswers.Runs(this, found.Count, found.Skip((page - 1) * size).Take(size)));
        return page * size < found.Count
            ? reply.With("Link", $"<{request.Address.GetLeftPart(UriPartial.Path)}?page={page + 1}>; rel=\"next\"")
            : reply;
    }

    private FakeReply Jobs(FakeRequest request, FakeRun run, int attempt)
    {
        var all = run.Jobs?.Invoke() ?? [JobOf(run, attempt)];
        var size = int.Parse(request.Query("per_page") ?? "30", CultureInfo.InvariantCulture);
        var page = int.Parse(request.Query("page") ?? "1", CultureInfo.InvariantCulture);
        return FakeReply.Json(200, GitHubAnswers.Jobs(all, all.Skip((page - 1) * size).Take(size)));
    }

    private JsonObject JobOf(FakeRun run, int attempt)
    {
        var (status, conclusion) = run.StateAt(Now, attempt);
        return GitHubAnswers.Job(this, run, attempt, run.Id * 10, "build", status, conclusion, ("Set up job", "success"),
            ("Run tests", conclusion == "failure" ? "failure" : "success"));
    }

    private FakeReply Cancel(FakeRun run, bool isForced)
    {
        if (run.StateAt(Now).Status == "completed")
        {
            return FakeReply.Json(409, GitHubAnswers.Error(409, "Cannot cancel a workflow run that is completed."));
        }

        if (Now < run.CreatedAt + CancelLag)
        {
            return FakeReply.Json(409, GitHubAnswers.Error(409, "Cannot cancel a workflow run that has not been queued yet."));
        }

        run.Cancel(Now, isForced);
        return new FakeReply(202, "{}");
    }

    private FakeReply Graph(FakeRequest request)
    {
        var call = JsonNode.Parse(request.Body)!;
        var ids = call["variables"]!["ids"]!.AsArray().Select(static id => id!.GetValue<string>()).ToList();
        if (ids.Count > 100)
        {
            return FakeReply.Json(200, GitHubAnswers.GraphError("ARGUMENT_LIMIT",
                "You may not provide more than 100 node ids; you provided " + ids.Count));
        }

        FakeRun? Named(string id) => IsHidden ? null : Find(id["WFR_kwLO".Length..]);
        return FakeReply.Json(200, GitHubAnswers.Nodes(this, ids.ConvertAll(id => (id, Named(id)))));
    }

    private FakeReply Stored(FakeRequest request)
    {
        var id = long.Parse(request.Path["/store/".Length..], CultureInfo.InvariantCulture);
        return Logs.TryGetValue(id, out var log)
            ? new FakeReply(200, log, "text/plain")
            : new FakeReply(404,
                "<?xml version=\"1.0\"?><Error><Code>BlobNotFound</Code><Message>The specified blob does not exist.</Message></Error>",
                "application/xml");
    }

    private bool IsAuthorized(FakeRequest request) =>
        request.Header("Authorization") is { } header && header.StartsWith("Bearer ", StringComparison.Ordinal)
            && Tokens.TryGetValue(header["Bearer ".Length..], out var end) && Now < end;

    private static bool IsWorkflow(string name) => name == WorkflowFile || name == WorkflowId.ToString(CultureInfo.InvariantCulture);

    private FakeRun? Find(string id) => long.TryParse(id, CultureInfo.InvariantCulture, out var number)
        && _runs.TryGetValue(number, out var run) && run.CreatedAt + ReadLag <= Now ? run : null;

    private static int? AttemptOf(FakeRun run, string attempt) => int.TryParse(attempt, CultureInfo.InvariantCulture, out var number)
        && number >= 1 && number <= run.Attempts ? number : null;

    [GeneratedRegex(@"\$\{\{\s*inputs\.(?<name>\w+)\s*\}\}")]
    private static partial Regex InputName();
}
