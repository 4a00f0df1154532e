using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BuildRunner.GitLab.Tests.Fake;

/// <summary>What its addresses do.</summary>
internal sealed partial class FakeGitLab
{
    private static FakeReply Missing => FakeReply.Json(404, GitLabAnswers.Message("404 Not found"));

    private FakeReply Act(FakeRequest request)
    {
        if (request.Path.Split('/') is not ["", "api", "v4", "projects", var project, .. var rest])
        {
            return FakeReply.Json(404, new JsonObject { ["error"] = "404 Not Found" });
        }

        var isProject = Uri.UnescapeDataString(project) is var name
            && (name.Equals(Project, StringComparison.OrdinalIgnoreCase) || name == ProjectId.ToString(CultureInfo.InvariantCulture));
        if (request.Method == "POST" && rest is ["trigger", "pipeline"])
        {
            // A token of another kind, or of another project, is told nothing.
            return request.Header("X-Gitlab-Event") == "Pipeline Hook" ? FakeReply.Json(403, GitLabAnswers.Message("403 Forbidden"))
                : isProject && TriggerTokens.Contains(request.Parameters["token"]?.GetValue<string>() ?? "") ? Create(request, "trigger")
                : Missing;
        }

        return !IsAuthorized(request) ? FakeReply.Json(401, GitLabAnswers.Message("401 Unauthorized"))
            : !isProject || IsHidden ? FakeReply.Json(404, GitLabAnswers.Message("404 Project Not Found"))
            : request.Method == "POST" && IsReadOnly ? FakeReply.Json(403, GitLabAnswers.Message("403 Forbidden"))
            : ActOnProject(request, rest);
    }

    private FakeReply ActOnProject(FakeRequest request, string[] path) => (request.Method, path) switch
    {
        ("POST", ["pipeline"]) => Create(request, "api"),
        ("GET", ["pipelines"]) => List(request),
        ("GET", ["pipelines", var id]) when Find(id) is { } pipeline => FakeReply.Json(200, GitLabAnswers.Whole(this, pipeline)),
        ("GET", ["pipelines", var id, "variables"]) when Find(id) is { } pipeline => HidesVariables
            ? FakeReply.Json(403, GitLabAnswers.Message("403 Forbidden")) : FakeReply.Json(200, GitLabAnswers.Variables(pipeline)),
        ("GET", ["pipelines", _, "jobs"]) when JobListsLeft-- <= 0 => FakeReply.Json(429, GitLabAnswers.TooMany()),
        ("GET", ["pipelines", var id, "jobs"]) when Find(id) is { } pipeline => Page(request, JobsOf(pipeline)),
        ("GET", ["pipelines", var id, "bridges"]) when Find(id) is { } pipeline => Page(request, pipeline.Bridges),
        ("POST", ["pipelines", var id, "cancel"]) when Find(id) is { } pipeline => Cancel(pipeline),
        ("POST", ["pipelines", var id, "retry"]) when Find(id) is { } pipeline => Retry(pipeline),
        ("GET", ["jobs", var id, "trace"]) when JobOf(id) is { } job => Trace(job),
        ("POST", ["jobs", var id, "cancel"]) when JobOf(id) is { } job => CancelJob(request, job),
        _ => Missing,
    };

    private FakeReply Create(FakeRequest request, string source)
    {
        var call = request.Parameters;
        var reference = call["ref"]?.GetValue<string>();
        if (reference is null)
        {
            return FakeReply.Json(400, new JsonObject { ["error"] = "ref is missing" });
        }

        if (VariablesOf(call["variables"]) is not { } variables)
        {
            return FakeReply.Json(400, GitLabAnswers.Message("variables needs to be a map of key-valued strings"));
        }

        if (variables.Values.Any(static value => value.Contains("test:Rejected/", StringComparison.Ordinal)))
        {
            return FakeReply.Json(400, new JsonObject { ["error"] = "variables is invalid" });
        }

        var sha = Branches.GetValueOrDefault(reference);
        var minute = Now - TimeSpan.FromMinutes(1);
        var refusal = sha is null ? "Reference not found"
            : RefusesVariables && variables.Count > 0 ? "Insufficient permissions to set pipeline variables"
            : _pipelines.Values.Count(pipeline => pipeline.Sha == sha && pipeline.CreatedAt > minute) >= MaxCreates
                ? "Too many pipelines created in the last minute. Try again later."
            : null;
        if (refusal is not null)
        {
            return FakeReply.Json(400, GitLabAnswers.Refusal(refusal));
        }

        var kept = variables.Where(one => one.Value.Length <= MaxVariable).ToDictionary();
        var title = kept.Aggregate(PipelineName, static (name, one) => name?.Replace($"${one.Key}", one.Value, StringComparison.Ordinal));
        FakePipeline pipeline = new(Interlocked.Increment(ref _lastPipeline), source, reference, sha!, kept, Now)
        {
            Name = string.IsNullOrEmpty(title) || title.Contains('$', StringComparison.Ordinal) ? null : title,
        };
        _pipelines[pipeline.Id] = pipeline;

        // The answer to a create has no name.
        var answer = GitLabAnswers.Whole(this, pipeline);
        answer.Remove("name");
        return FakeReply.Json(201, answer);
    }

    private static Dictionary<string, string>? VariablesOf(JsonNode? node)
    {
        var all = node switch
        {
            null => [],
            JsonArray array => array.Select(static one => (Key: one!["key"]!.GetValue<string>(), Value: one["value"])),
            _ => node.AsObject().Select(static one => (one.Key, one.Value)),
        };
        var list = all.ToList();
        return list.TrueForAll(static one => one.Value?.GetValueKind() == JsonValueKind.String)
            ? list.ToDictionary(static one => one.Key, static one => one.Value!.GetValue<string>()) : null;
    }

    private FakeReply List(FakeRequest request)
    {
        var after = request.Query("updated_after") is { } text
            ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : DateTimeOffset.MinValue;
        var (source, reference, status) = (request.Query("source"), request.Query("ref"), request.Query("status"));
        var (name, now) = (IgnoresNameFilter ? null : request.Query("name"), Now);
        var found = _pipelines.Values.Where(pipeline => pipeline.CreatedAt + ListLag <= now && pipeline.UnlistedUntil <= now
            && (source ?? pipeline.Source) == pipeline.Source
            && (reference ?? pipeline.Reference) == pipeline.Reference
            && (name ?? pipeline.Name) == pipeline.Name
            && (status is null || status == pipeline.StatusAt(now))
            && pipeline.UpdatedAt(now) > after);
        var ordered = request.Query("order_by") == "updated_at"
            ? found.OrderBy(pipeline => pipeline.UpdatedAt(now)).ThenBy(static pipeline => pipeline.Id)
            : found.OrderBy(static pipeline => pipeline.Id);
        var list = request.Query("sort") == "asc" ? ordered : ordered.Reverse();
        return Page(request, list, pipeline => GitLabAnswers.Short(this, pipeline));
    }

    private static FakeReply Page(FakeRequest request, IEnumerable<JsonObject> all) =>
        Page(request, all, static one => (JsonObject)one.DeepClone());

    private static FakeReply Page<T>(FakeRequest request, IEnumerable<T> all, Func<T, JsonObject> show)
    {
        var size = Math.Min(100, int.Parse(request.Query("per_page") ?? "20", CultureInfo.InvariantCulture));
        var page = int.Parse(request.Query("page") ?? "1", CultureInfo.InvariantCulture);
        var rows = all.Skip((page - 1) * size).Take(size + 1).ToList();
        var next = rows.Count > size ? (page + 1).ToString(CultureInfo.InvariantCulture) : "";
        var reply = FakeReply.Json(200, new JsonArray([.. rows.Take(size).Select(show)]))
            .With("x-page", page.ToString(CultureInfo.InvariantCulture)).With("x-per-page", size.ToString(CultureInfo.InvariantCulture))
            .With("x-next-page", next);
        return next.Length == 0 ? reply
            : reply.With("Link", $"<{request.Address.GetLeftPart(UriPartial.Path)}?per_page={size}&page={next}>; rel=\"next\"");
    }

    private IReadOnlyList<JsonObject> JobsOf(FakePipeline pipeline)
    {
        var status = pipeline.StatusAt(Now) is var state && state is "created" ? "pending" : state!;
        return pipeline.Jobs ?? [GitLabAnswers.Job(pipeline.Id * 10, "build", status, status == "failed" ? "script_failure" : null)];
    }

    // It is canceled at once, or canceling; the answer is 200 whatever has come of it.
    private FakeReply Cancel(FakePipeline pipeline)
    {
        pipeline.Cancel(Now);
        return FakeReply.Json(200, GitLabAnswers.Whole(this, pipeline));
    }

    private FakeReply Retry(FakePipeline pipeline)
    {
        pipeline.Set(Now, "running");
        return FakeReply.Json(201, GitLabAnswers.Whole(this, pipeline));
    }

    private FakeReply Trace((FakePipeline Pipeline, JsonObject Job) found) =>
        Traces.TryGetValue(found.Job["id"]!.GetValue<long>(), out var text) ? new FakeReply(200, text, "text/plain")
            : found.Job["started_at"] is null ? new FakeReply(200, "", "text/plain")
            : Missing;

    private FakeReply CancelJob(FakeRequest request, (FakePipeline Pipeline, JsonObject Job) found)
    {
        if (request.Query("force") == "true")
        {
            if (!IsMaintainer)
            {
                return FakeReply.Json(403, GitLabAnswers.Message("403 Forbidden"));
            }

            found.Pipeline.Force(Now);
        }

        return FakeReply.Json(201, GitLabAnswers.Job(found.Job["id"]!.GetValue<long>(), "build", "canceled"));
    }

    private (FakePipeline Pipeline, JsonObject Job)? JobOf(string id) => _pipelines.Values
        .SelectMany(pipeline => JobsOf(pipeline).Select(job => ((FakePipeline, JsonObject)?)(pipeline, job)))
        .FirstOrDefault(pair => pair!.Value.Item2["id"]!.GetValue<long>().ToString(CultureInfo.InvariantCulture) == id);

    private bool IsAuthorized(FakeRequest request)
    {
        var bearer = request.Header("Authorization") is { } header && header.StartsWith("Bearer ", StringComparison.Ordinal)
            ? header["Bearer ".Length..] : null;
        return (request.Header("PRIVATE-TOKEN") ?? bearer) is { } token && Tokens.TryGetValue(token, out var end) && Now < end;
    }

    private FakePipeline? Find(string id) => long.TryParse(id, CultureInfo.InvariantCulture, out var number)
        && _pipelines.TryGetValue(number, out var pipeline) && pipeline.CreatedAt + ReadLag <= Now ? pipeline : null;
}
