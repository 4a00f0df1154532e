using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;

namespace BuildRunner.Jenkins.Tests.Fake;

/// <summary>What its addresses do.</summary>
internal sealed partial class FakeJenkins
{
    // What somebody has entered as the address of the controller, and mistyped.
    private const string Root = "https://wrong.test/jenkins/";

    private const string Crumb = "0f3a-a-crumb";
    private const int Few = 100;

    private static FakeReply Missing => FakeReply.Page(404, "Not Found");

    private static FakeReply Forbidden => FakeReply.Page(403, $"{UserName} is missing the permission");

    private FakeReply Act(FakeRequest request)
    {
        if (IsStarting)
        {
            return FakeReply.Page(503, "Please wait while Jenkins is getting ready to work");
        }

        var (user, secret) = CredentialsOf(request);
        if (user != UserName || (secret != Password && !Tokens.Contains(secret)))
        {
            // It is refused before anything is told of the controller.
            return new FakeReply(401, $"<html><body>Invalid password/token for user: {user}</body></html>", "text/html;charset=utf-8")
                .With("WWW-Authenticate", "Basic realm=\"Jenkins\"");
        }

        if (request.Method == "POST" && secret == Password
            && (request.Header("Jenkins-Crumb") != Crumb || request.Header("Cookie")?.Contains(_session, StringComparison.Ordinal) != true))
        {
            return Finish(FakeReply.Page(403, "No valid crumb was included in the request"));
        }

        return Finish(request.Path.Trim('/') is var path && (path == Path || path.StartsWith(Path + "/", StringComparison.Ordinal))
            ? IsHidden ? Missing : ActOnJob(request, path[Path.Length..].Trim('/'))
            : ActOnController(request, path));
    }

    private static JsonObject CrumbOf() => new()
    {
        ["_class"] = "hudson.security.csrf.DefaultCrumbIssuer",
        ["crumb"] = Crumb,
        ["crumbRequestField"] = "Jenkins-Crumb",
    };

    private FakeReply ActOnController(FakeRequest request, string path) => (request.Method, path.Split('/')) switch
    {
        ("GET", ["crumbIssuer", "api", "json"]) => Json(request, CrumbOf())
            .With("Set-Cookie", $"JSESSIONID={_session}; Path=/; HttpOnly"),
        ("GET", ["queue", "api", "json"]) => Json(request, new JsonObject { ["items"] = new JsonArray([.. Queue.Select(ItemOf)]) }),
        ("GET", ["queue", "item", var id, "api", "json"]) when Find(id) is { } build && MayReadQueue => Json(request, ItemOf(build)),
        ("POST", ["queue", "cancelItem"]) => CancelItem(request.Query("id") ?? ""),
        _ => Missing,
    };

    private FakeReply ActOnJob(FakeRequest request, string path) => (request.Method, path.Split('/')) switch
    {
        ("GET", ["api", "json"]) => Json(request, JobOf(request.Query("tree"))),
        ("POST", ["buildWithParameters"]) => Create(request),
        ("GET", ["buildWithParameters"]) => FakeReply.Page(405, "This URL requires POST"),
        (var method, [var number, .. var rest]) when FindBuild(number) is { } build =>
            ActOnBuild(request, method, build, string.Join('/', rest)),
        _ => Missing,
    };

    private FakeReply ActOnBuild(FakeRequest request, string method, FakeBuild build, string path) => (method, path) switch
    {
        ("GET", "api/json") => Json(request, BuildOf(build)),
        ("GET" or "POST", "logText/progressiveText") => Log(request, build),
        ("GET", "consoleText") => new FakeReply(200, build.Log ?? "", "text/plain;charset=utf-8"),
        ("POST", "stop") or ("POST", "term") or ("POST", "kill") when !MayCancel => Forbidden,

        // Freestyle has no such pages: it redirects to one that is not there.
        ("POST", "term") or ("POST", "kill") when !IsPipeline => Missing,
        ("POST", "stop") or ("POST", "term") or ("POST", "kill") => Stop(build, path),
        _ => Missing,
    };

    private FakeReply Create(FakeRequest request)
    {
        if (!MayBuild)
        {
            return Forbidden;
        }

        if (request.Body.Length > MaxForm)
        {
            return FakeReply.Page(400, $"Form is larger than max length {MaxForm}");
        }

        if (!IsBuildable)
        {
            return FakeReply.Page(409, $"{Job} is not buildable");
        }

        if (Declared.Count == 0)
        {
            return FakeReply.Page(400, $"{Job} is not parameterized");
        }

        if (RefusesItems || Uri.UnescapeDataString(request.Body).Contains("test:Rejected/", StringComparison.Ordinal))
        {
            return FakeReply.Page(302, "").With("Location", ".");
        }

        // What is declared is taken, and the rest dropped without a word.
        var form = HttpUtility.ParseQueryString(request.Body);
        var query = HttpUtility.ParseQueryString(request.Address.Query);
        var parameters = Declared.Keys.ToDictionary(static name => name, name => form[name] ?? query[name] ?? "");
        if (Queue.FirstOrDefault(item => Same(item.Parameters, parameters)) is { } same)
        {
            return FakeReply.Page(303, "").With("Location", $"{Root}queue/item/{same.QueueId}/");
        }

        var quiet = request.Query("delay") is { } delay ? TimeSpan.FromSeconds(int.Parse(delay.Replace("sec", "", StringComparison.Ordinal),
            CultureInfo.InvariantCulture)) : QuietPeriod;
        FakeBuild build = new(++_lastItem, parameters, Now, Now + quiet + Scheduling);
        _builds.Add(build);
        return FakeReply.Page(201, "").With("Location", $"{Root}queue/item/{build.QueueId}/");
    }

    private FakeReply CancelItem(string id)
    {
        if (Find(id) is not { } item || !MayReadQueue)
        {
            return FakeReply.Page(404, $"Provided id ({id}) not found");
        }

        if (!MayCancel)
        {
            return FakeReply.Page(422, $"Item for id ({id}) is not cancellable");
        }

        if (item.LeftAt is not null)
        {
            return FakeReply.Page(500, $"Could not cancel run for id {id}");
        }

        (item.LeftAt, item.IsCancelled) = (Now, true);
        return FakeReply.Page(204, "") with { Body = "" };
    }

    private FakeReply Stop(FakeBuild build, string verb)
    {
        build.Stop(Now, verb);
        return FakeReply.Page(302, "").With("Location", $"{Root}{Path}/{build.Number}/");
    }

    private FakeReply Log(FakeRequest request, FakeBuild build)
    {
        var log = Encoding.UTF8.GetBytes(build.Log ?? "");
        var from = request.Query("start") ?? HttpUtility.ParseQueryString(request.Body)["start"] ?? "0";
        var start = int.Parse(from, CultureInfo.InvariantCulture);
        start = start > log.Length ? 0 : start;
        FakeReply reply = new(200, Encoding.UTF8.GetString(log[start..]), "text/plain;charset=utf-8");
        reply.With("X-Text-Size", log.Length.ToString(CultureInfo.InvariantCulture));
        return build.Log is null || build.StateAt(Now).Building == true ? reply.With("X-More-Data", "true") : reply;
    }

    private FakeReply Json(FakeRequest request, JsonNode body) =>
        FakeReply.Json(200, request.Query("tree") is { } tree ? TreeFilter.Apply(Varied(body), tree) : Varied(body));

    private FakeReply Finish(FakeReply reply) => reply.With("X-Jenkins", Version).With("X-Jenkins-Session", _session);

    private IEnumerable<FakeBuild> Queue => MayReadQueue && !IsHidden
        ? _builds.Where(build => build.LeftAt is null && build.QueuedAt + QueueLag <= Now) : [];

    private IEnumerable<FakeBuild> Readable => _builds.Where(build => build.Number is not null && build.LeftAt + ReadLag <= Now);

    private FakeBuild? Find(string id) => _builds.Find(build => build.QueueId.ToString(CultureInfo.InvariantCulture) == id
        && (build.LeftAt is null || Now <= build.LeftAt + LeftItemLife));

    private FakeBuild? FindBuild(string number) =>
        Readable.FirstOrDefault(build => build.Number!.Value.ToString(CultureInfo.InvariantCulture) == number);

    private static (string User, string Secret) CredentialsOf(FakeRequest request)
    {
        var header = request.Header("Authorization") is { } value && value.StartsWith("Basic ", StringComparison.Ordinal) ? value[6..] : "";
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(header));
        return text.Split(':', 2) is [var user, var secret] ? (user, secret) : ("anonymous", "");
    }

    private static bool Same(Dictionary<string, string> one, Dictionary<string, string> other) =>
        one.Count == other.Count && one.All(pair => other.GetValueOrDefault(pair.Key) == pair.Value);
}
