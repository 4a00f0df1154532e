using System.Text.Json.Nodes;
using Json.Schema;

namespace BuildRunner.GitHubActions.Spec;

/// <summary>What GitHub's own OpenAPI document says of the operations that the runner uses, as a checker of requests and answers.</summary>
/// <remarks>
/// <para>Thread-safe, and needs nothing that is not in the tree. What the document leaves open is closed: a member or a parameter that it does not name is found.</para>
/// <para>
/// The document names few errors. Any operation may answer 400, 401, 403, 404, 410, 413, 415, 422 and 429 with GitHub's form of an error, 5xx with anything, and 304 where the request has an
/// <c>If-None-Match</c>. An error that is no JSON is that of a proxy, and is not held against anything.
/// </para>
/// </remarks>
public sealed class GitHubSpec
{
    private static readonly int[] AnyError = [400, 401, 403, 404, 410, 413, 415, 422, 429];
    private static readonly string[] Versions = ["2022-11-28", "2026-03-10"];

    private readonly Lazy<(SliceOperation[] Operations, Lazy<JsonSchema> Error)> _slice;
    private readonly string _prefix;
    private readonly string? _version;

    private GitHubSpec(string name, string? version = null, string prefix = "")
    {
        Document = Path.Combine(AppContext.BaseDirectory, "openapi", "slices", version is null or "2022-11-28" ? $"{name}.json" : $"{name}-{version}.json");
        _version = version;
        _prefix = prefix;
        _slice = new(Load);
    }

    /// <summary>Gets what github.com does for the API version 2022-11-28.</summary>
    public static GitHubSpec GitHubCom { get; } = new("api.github.com", "2022-11-28");

    /// <summary>Gets what github.com does for the API version 2026-03-10.</summary>
    public static GitHubSpec GitHubCom2026 { get; } = new("api.github.com", "2026-03-10");

    /// <summary>Gets what GitHub Enterprise Cloud does.</summary>
    public static GitHubSpec EnterpriseCloud { get; } = new("ghec", "2022-11-28");

    /// <summary>Gets what GitHub Enterprise Server 3.19 does.</summary>
    public static GitHubSpec EnterpriseServer319 { get; } = new("ghes-3.19", prefix: "/api/v3");

    /// <summary>Gets the file of the document.</summary>
    internal string Document { get; }

    /// <summary>Gets the name that GitHub has for what a request asks for, such as <c>actions/get-workflow-run</c>; null if there is no such operation.</summary>
    public string? OperationOf(ApiRequest request) => Find(request)?.Id;

    /// <summary>Gets what is wrong with a request: nothing, if it is right.</summary>
    public IReadOnlyList<string> CheckRequest(ApiRequest request)
    {
        var operation = Find(request);
        var violations = operation?.CheckRequest(request, PathOf(request)) ?? [$"there is no operation {request.Method} {PathOf(request)}"];
        return [.. CheckHeaders(request).Concat(violations).Select(violation => $"request {operation?.Id}: {violation}")];
    }

    /// <summary>Gets what is wrong with the answer to a request: nothing, if it is right.</summary>
    public IReadOnlyList<string> CheckReply(ApiRequest request, ApiReply reply)
    {
        if (Find(request) is not { } operation)
        {
            return [];
        }

        return [.. Violations(operation).Select(violation => $"answer {reply.Status} of {operation.Id}: {violation}")];

        IEnumerable<string> Violations(SliceOperation operation)
        {
            if (reply.Status >= 500 || (reply.Status >= 400 && !reply.IsJson))
            {
                return [];
            }

            if (operation.Answers(reply.Status))
            {
                return operation.CheckReply(reply);
            }

            if (reply.Status == 304)
            {
                return request.Header("If-None-Match") is null ? ["nobody has asked whether it has changed"] : [];
            }

            return !AnyError.Contains(reply.Status) ? ["there is no such answer"]
                : ApiJson.TryRead(reply.Body, out var body) ? SliceSchemas.Check(_slice.Value.Error, body)
                : ["the body is no JSON"];
        }
    }

    /// <summary>Gets the path of a request below the address of the API.</summary>
    internal string PathOf(ApiRequest request)
    {
        var path = request.Address.AbsolutePath;
        return _prefix.Length > 0 && path.StartsWith(_prefix + "/", StringComparison.Ordinal) ? path[_prefix.Length..] : path;
    }

    private SliceOperation? Find(ApiRequest request) =>
        _slice.Value.Operations.FirstOrDefault(operation => operation.Method == request.Method && operation.Matches(PathOf(request)));

    // What GitHub's documentation asks of every request.
    private IEnumerable<string> CheckHeaders(ApiRequest request)
    {
        if (string.IsNullOrEmpty(request.Header("User-Agent")))
        {
            yield return "header: there is no User-Agent, without which GitHub answers 403";
        }

        if (request.Header("Accept")?.Split(',').Any(static type => type.Split(';')[0].Trim() is "application/vnd.github+json" or "application/json" or "*/*") != true)
        {
            yield return "header: Accept does not name application/vnd.github+json";
        }

        var version = request.Header("X-GitHub-Api-Version");
        if (version is not null && (!Versions.Contains(version) || (_version ?? Versions[0]) != version))
        {
            yield return $"header: '{version}' is not the version of the API";
        }
        else if (version is null && _version == Versions[1])
        {
            yield return "header: X-GitHub-Api-Version is missing, which means 2022-11-28";
        }
    }

    private (SliceOperation[] Operations, Lazy<JsonSchema> Error) Load()
    {
        var document = JsonNode.Parse(File.ReadAllText(Document))!;
        var components = (JsonObject)document["components"]!;
        SliceSchemas schemas = new(components);
        var operations = ((JsonObject)document["paths"]!)
            .SelectMany(path => ((JsonObject)path.Value!).Select(operation => new SliceOperation(operation.Key, path.Key, operation.Value!, schemas)));
        return ([.. operations], schemas.Compile(ErrorOf(components)));
    }

    // Any error has a message; some have members more than this.
    private static JsonNode ErrorOf(JsonObject components)
    {
        var error = components["schemas"]!["basic-error"]!.DeepClone();
        error["required"] = new JsonArray("message");
        error["additionalProperties"] = true;
        return error;
    }
}
