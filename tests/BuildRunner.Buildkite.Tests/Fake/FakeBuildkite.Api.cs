using System.Globalization;
using System.IO.Enumeration;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace BuildRunner.Buildkite.Tests.Fake;

/// <summary>What its addresses do.</summary>
internal sealed partial class FakeBuildkite
{
    private const int MaxMetaData = 100_000;
    private const int Deepest = 10_000;

    private static readonly string[] Finished = ["passed", "failed", "blocked", "canceled"];

    private static FakeReply Missing => FakeReply.Json(404, BuildkiteAnswers.Error("Not Found"));

    private FakeReply Act(FakeRequest request)
    {
        if (request.Header("Authorization")?.Split(' ') is not ["Bearer", var token] || !Tokens.TryGetValue(token, out var scopes))
        {
            return FakeReply.Json(401, BuildkiteAnswers.Error("Authentication required. Please supply a valid API Access Token"));
        }

        var scope = request.Method is "GET" or "HEAD"
            ? request.Path.Contains("/log", StringComparison.Ordinal) ? "read_build_logs" : "read_builds"
            : "write_builds";
        if (!scopes.Contains(scope))
        {
            return FakeReply.Json(403, BuildkiteAnswers.Error($"Forbidden. Your access token doesn't have the `{scope}` scope"));
        }

        var organization = $"/v2/organizations/{Organization}";
        var pipeline = $"{organization}/pipelines/{Pipeline}";
        return request is { Method: "GET" } && request.Path == $"{organization}/builds" ? List(request)
            : !IsHidden && request.Path.StartsWith($"{pipeline}/", StringComparison.Ordinal)
                ? ActOnPipeline(request, request.Path[pipeline.Length..])
            : Missing;
    }

    private FakeReply ActOnPipeline(FakeRequest request, string path) => (request.Method, path.Split('/')[1..]) switch
    {
        ("GET", ["builds"]) => List(request),
        ("POST", ["builds"]) => Create(request),
        ("GET", ["builds", var number]) when Find(number) is { } build => FakeReply.Json(200, Show(build, request, isListed: false)),
        ("PUT", ["builds", var number, "cancel"]) when Find(number) is { } build => Cancel(build),
        ("PUT", ["builds", var number, "rebuild"]) when Find(number) is { } build => Rebuild(build),
        ("PUT", ["builds", var number, "retry_failed_jobs"]) when Find(number) is { } build => Retry(build),
        ("GET" or "HEAD", ["builds", var number, "jobs", var job, "log" or "log.txt"]) when Find(number) is { } build =>
            Log(request, build, job, isText: path.EndsWith(".txt", StringComparison.Ordinal)),
        ("GET", ["builds", _, "jobs", ..]) => FakeReply.Json(404, BuildkiteAnswers.Error("No job found")),
        ("GET", ["builds", _]) => FakeReply.Json(404, BuildkiteAnswers.Error("No build found")),
        _ => Missing,
    };

    private FakeReply Create(FakeRequest request)
    {
        if (Parse(request.Body) is not { } call)
        {
            return FakeReply.Json(400, BuildkiteAnswers.Error("Invalid JSON"));
        }

        foreach (var field in new[] { "commit", "branch" })
        {
            if (call[field] is not JsonValue given || given.GetValueKind() != JsonValueKind.String || given.GetValue<string>().Length == 0)
            {
                return FakeReply.Json(422, BuildkiteAnswers.Invalid(field, "missing_field"));
            }
        }

        var (env, metaData) = (call["env"] as JsonObject ?? [], call["meta_data"] as JsonObject ?? []);
        if (metaData.Any(static pair => string.IsNullOrWhiteSpace(pair.Value?.ToString()) || pair.Value.ToString().Length > MaxMetaData))
        {
            return FakeReply.Json(422, BuildkiteAnswers.Error("Meta data value can't be blank, and is 100 kilobytes at most"));
        }

        if (env["BUILD_REQUEST"]?.ToString().Contains("test:Rejected/", StringComparison.Ordinal) == true)
        {
            return FakeReply.Json(422, BuildkiteAnswers.Error("This change cannot be built"));
        }

        var branch = call["branch"]!.GetValue<string>();
        Supersede(branch);
        var number = Interlocked.Increment(ref _lastBuild);
        FakeBuild build = new(
            number, branch, call["commit"]!.GetValue<string>(), (JsonObject)env.DeepClone(), (JsonObject)metaData.DeepClone(), Now)
        {
            Creating = Creating,
            Message = call["message"]?.GetValue<string>() ?? "",
        };
        _builds[number] = build;
        return FakeReply.Json(201, Show(build, request, isListed: false));
    }

    // Builds of one branch: the newest ends those before it, where the pipeline says so.
    private void Supersede(string branch)
    {
        foreach (var older in _builds.Values.Where(build => build.Branch == branch))
        {
            switch (older.StateAt(Now).State)
            {
                case "scheduled" when SkipsQueued && IsOf(SkipsQueuedOf, branch):
                    older.Set(Now, "skipped");
                    break;
                case "running" when CancelsRunning && IsOf(CancelsRunningOf, branch):
                    older.Cancel(Now, "Superseded by a newer build");
                    break;
            }
        }
    }

    private FakeReply Cancel(FakeBuild build)
    {
        if (build.StateAt(Now) is not (var state, false) || state is not ("scheduled" or "running" or "failing"))
        {
            return FakeReply.Json(422, BuildkiteAnswers.Error("Build can't be canceled because it is not scheduled, running or failing"));
        }

        build.Cancel(Now, "Canceled by Keith Pitt");
        return FakeReply.Json(200, BuildkiteAnswers.Build(this, build, isListed: false));
    }

    // The copy has the environment, and not the meta-data.
    private FakeReply Rebuild(FakeBuild build) =>
        FakeReply.Json(200, BuildkiteAnswers.Build(
            this, AddBuild(build.Branch, (JsonObject)build.Env.DeepClone(), metaData: null, build, build.Commit), isListed: false));

    private FakeReply Retry(FakeBuild build)
    {
        build.RetryFailedJobs(Now);
        return new FakeReply(202, "{}");
    }

    private FakeReply List(FakeRequest request)
    {
        var size = Math.Min(100, Number(request, "per_page", 30));
        var page = Number(request, "page", 1);
        if (page * size > Deepest)
        {
            return FakeReply.Json(400, BuildkiteAnswers.Error(
                "Listing builds this deep is not supported. Please narrow your query using filters such as branch or created_from."));
        }

        var isAsked = FilterOf(request);
        var found = Builds.Reverse().Where(build => build.CreatedAt + ListLag <= Now && build.UnlistedUntil <= Now).Where(isAsked).ToList();
        var rows = found.Skip((page - 1) * size).Take(size).Select(build => (JsonNode)Show(build, request, isListed: true));
        var reply = FakeReply.Json(200, new JsonArray([.. rows]));
        return page * size < found.Count
            ? reply.With("Link", $"<{request.Address.GetLeftPart(UriPartial.Path)}?page={page + 1}>; rel=\"next\"")
            : reply;
    }

    private Func<FakeBuild, bool> FilterOf(FakeRequest request)
    {
        var query = System.Web.HttpUtility.ParseQueryString(request.Address.Query);
        var states = query["state[]"]?.Split(',').SelectMany(static asked => asked == "finished" ? Finished : [asked]).ToHashSet();
        var from = query["finished_from"] is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) : (DateTimeOffset?)null;
        var branches = query["branch[]"]?.Split(',');
        var metaData = query.AllKeys.OfType<string>().Where(static name => name.StartsWith("meta_data[", StringComparison.Ordinal))
            .Select(name => (Name: name["meta_data[".Length..^1], Value: query[name])).ToList();
        return build => (states is null || (build.StateAt(Now) is var (state, blocked) && states.Contains(blocked ? "blocked" : state!)))
            && (from is null || build.FinishedAt(Now) >= from)
            && (branches is null || branches.Any(pattern => Like(pattern, build.Branch)))
            && metaData.TrueForAll(pair => build.MetaData[pair.Name]?.ToString() == pair.Value);
    }

    private JsonObject Show(FakeBuild build, FakeRequest request, bool isListed)
    {
        var answer = BuildkiteAnswers.Build(this, build, isListed);
        if (request.Query("exclude_jobs") != "true")
        {
            var states = request.Query("job_states[]")?.Split(',');
            var jobs = JobsOf(build).Where(job => states is null || states.Contains(job["state"]?.ToString()))
                .Where(job => job["retried"]?.GetValue<bool>() != true || request.Query("include_retried_jobs") == "true");
            answer["jobs"] = new JsonArray([.. jobs]);
        }

        if (request.Query("exclude_pipeline") != "true")
        {
            answer["pipeline"] = BuildkiteAnswers.Pipeline(this);
        }

        return answer;
    }

    private IReadOnlyList<JsonObject> JobsOf(FakeBuild build)
    {
        var (state, _) = build.StateAt(Now);
        return build.Jobs?.Invoke() ?? (state is "creating" or "not_run" or "skipped" ? []
            : [BuildkiteAnswers.Job(this, build, 1, "verify", state == "failing" ? "running" : state, state == "failed" ? 1 : 0)]);
    }

    private FakeReply Log(FakeRequest request, FakeBuild build, string job, bool isText)
    {
        if (!JobsOf(build).Any(known => known["id"]?.ToString() == job))
        {
            return FakeReply.Json(404, BuildkiteAnswers.Error("No job found"));
        }

        var text = Logs.GetValueOrDefault(job, "");
        var bytes = Encoding.UTF8.GetBytes(text);
        isText |= request.Header("Accept") == "text/plain";
        if (request.Header("Range") is { } range)
        {
            return !isText || !range.StartsWith("bytes=-", StringComparison.Ordinal)
                || !int.TryParse(range["bytes=-".Length..], CultureInfo.InvariantCulture, out var asked) || asked <= 0
                    ? FakeReply.Json(400, BuildkiteAnswers.Error("Only suffix ranges of text are supported"))
                : bytes.Length == 0 ? FakeReply.Json(416, BuildkiteAnswers.Error("The log is empty"))
                : new FakeReply(206, Encoding.UTF8.GetString(bytes[Math.Max(0, bytes.Length - asked)..]), "text/plain")
                    .With("Accept-Ranges", "bytes")
                    .With("Content-Range", $"bytes {Math.Max(0, bytes.Length - asked)}-{bytes.Length - 1}/{bytes.Length}");
        }

        var reply = isText ? new FakeReply(200, text, "text/plain") : FakeReply.Json(200, new JsonObject
        {
            ["url"] = request.Address.AbsoluteUri,
            ["content"] = text,
            ["size"] = bytes.Length,
            ["header_times"] = new JsonArray(),
        });
        return request.Method == "HEAD"
            ? reply.With("Accept-Ranges", "bytes").With("Content-Length", bytes.Length.ToString(CultureInfo.InvariantCulture))
            : reply;
    }

    private FakeBuild? Find(string number) =>
        long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var found) ? _builds.GetValueOrDefault(found) : null;

    private static JsonObject? Parse(string body)
    {
        try
        {
            return JsonNode.Parse(body) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static int Number(FakeRequest request, string name, int otherwise) =>
        int.TryParse(request.Query(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;

    private static bool IsOf(string? filter, string branch)
    {
        var patterns = (filter ?? "*").Split(' ');
        var positive = patterns.Where(static pattern => !pattern.StartsWith('!')).ToList();
        return (positive.Count == 0 || positive.Exists(pattern => Like(pattern, branch)))
            && !patterns.Where(static pattern => pattern.StartsWith('!')).Any(pattern => Like(pattern[1..], branch));
    }

    private static bool Like(string pattern, string branch) => FileSystemName.MatchesSimpleExpression(pattern, branch, ignoreCase: false);
}
