using System.Text.Json.Nodes;
using Json.Schema;

namespace BuildRunner.GitHubActions.Spec;

/// <summary>Checks requests and answers against the operations in GitHub's own OpenAPI document that the runner uses.</summary>
/// <remarks>
/// <para>
/// Thread-safe, and needs nothing that is not in the tree. What the document leaves open is closed: a member or a parameter that it does
/// not name is found. A server of one's own has its API below <c>/api/v3</c>, which every document takes.
/// </para>
/// <para>
/// The document names few errors. Any operation may answer 400, 401, 403, 404, 410, 413, 415, 422 and 429 with GitHub's form of an error,
/// 5xx with anything, and 304 where the request has an <c>If-None-Match</c>. An error that is no JSON is that of a proxy, and is not held
/// against anything.
/// </para>
/// </remarks>
public sealed class GitHubSpec
{
    private const string ServerPath = "/api/v3";

    private static readonly int[] AnyError = [400, 401, 403, 404, 410, 413, 415, 422, 429];
    private static readonly string[] Versions = ["2022-11-28", "2026-03-10"];
    private static readonly string[] Accepted = ["application/vnd.github+json", "application/json", "*/*"];

    private readonly Lazy<(SliceOperation[] Operations, Lazy<JsonSchema> Error)> _slice;
    private readonly string _version;

    private GitHubSpec(string name, string version)
    {
        var file = version == Versions[0] ? $"{name}.json" : $"{name}-{version}.json";
        Document = Path.Combine(AppContext.BaseDirectory, "openapi", "slices", file);
        _version = version;
        _slice = new(Load);
    }

    /// <summary>Gets what github.com does for the API version 2022-11-28.</summary>
    public static GitHubSpec GitHubCom { get; } = new("api.github.com", Versions[0]);

    /// <summary>Gets what github.com does for the API version 2026-03-10.</summary>
    public static GitHubSpec GitHubCom2026 { get; } = new("api.github.com", Versions[1]);

    /// <summary>Gets what GitHub Enterprise Cloud does.</summary>
    public static GitHubSpec EnterpriseCloud { get; } = new("ghec", Versions[0]);

    /// <summary>Gets what GitHub Enterprise Server 3.19 does.</summary>
    public static GitHubSpec EnterpriseServer319 { get; } = new("ghes-3.19", Versions[0]);

    /// <summary>Gets the file of the document.</summary>
    internal string Document { get; }

    /// <summary>Gets GitHub's name for what is asked for, such as <c>actions/get-workflow-run</c>; null if it has none.</summary>
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

            if (operation.CheckReply(reply) is { } violations)
            {
                return violations;
            }

            if (reply.Status == 304)
            {
                return request.Headers.Find("If-None-Match") is null ? ["nobody has asked whether it has changed"] : [];
            }

            return !AnyError.Contains(reply.Status) ? ["there is no such answer"]
                : ApiJson.TryRead(reply.Body, out var body) ? SliceSchemas.Check(_slice.Value.Error, body)
                : ["the body is no JSON"];
        }
    }

    /// <summary>Gets the path of a request below the address of the API.</summary>
    internal static string PathOf(ApiRequest request)
    {
        var path = request.Address.AbsolutePath;
        return path.StartsWith(ServerPath + "/", StringComparison.Ordinal) ? path[ServerPath.Length..] : path;
    }

    private SliceOperation? Find(ApiRequest request) =>
        _slice.Value.Operations.FirstOrDefault(operation => operation.Method == request.Method && operation.Matches(PathOf(request)));

    // What GitHub's documentation asks of every request.
    private IEnumerable<string> CheckHeaders(ApiRequest request)
    {
        if (string.IsNullOrEmpty(request.Headers.Find("User-Agent")))
        {
            yield return "header: there is no User-Agent, without which GitHub answers 403";
        }

        if (request.Headers.Find("Accept")?.Split(',').Any(static type => Accepted.Contains(type.Split(';')[0].Trim())) != true)
        {
            yield return "header: Accept does not name application/vnd.github+json";
        }

        // A request that names no version is one of the first.
        var version = request.Headers.Find("X-GitHub-Api-Version") ?? Versions[0];
        if (version != _version)
        {
            yield return $"header: X-GitHub-Api-Version is {version} and not {_version}";
        }
    }

    private (SliceOperation[] Operations, Lazy<JsonSchema> Error) Load()
    {
        var document = JsonNode.Parse(File.ReadAllText(Document))!;
        var components = (JsonObject)document["components"]!;
        SliceSchemas schemas = new(components);
        var operations = ((JsonObject)document["paths"]!).SelectMany(path =>
            ((JsonObject)path.Value!).Select(operation => new SliceOperation(operation.Key, path.Key, operation.Value!, schemas)));
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
