using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;
using Json.Schema;

namespace BuildRunner.GitHubActions.Spec;

/// <summary>One operation of a slice.</summary>
internal sealed class SliceOperation
{
    private readonly Regex _path;
    private readonly List<(string Name, string In, bool IsRequired, Lazy<JsonSchema> Schema)> _parameters;
    private readonly bool _needsBody;
    private readonly Lazy<JsonSchema>? _body;
    private readonly Dictionary<string, (JsonObject Response, Lazy<JsonSchema>? Schema)> _replies;

    public SliceOperation(string method, string template, JsonNode operation, SliceSchemas schemas)
    {
        Id = operation["operationId"]!.GetValue<string>();
        Method = method.ToUpperInvariant();
        var segments = Regex.Replace(Regex.Escape(template), @"\\\{(\w+)}", "(?<$1>[^/]+)");
        _path = new Regex($"^{segments}$", RegexOptions.CultureInvariant);
        _parameters =
        [
            .. ((operation["parameters"] as JsonArray) ?? []).Select(parameter => schemas.Resolve(parameter!)).Select(parameter => (
                parameter["name"]!.GetValue<string>(),
                parameter["in"]!.GetValue<string>(),
                parameter["required"]?.GetValue<bool>() == true,
                schemas.Compile(parameter["schema"]!))),
        ];
        _needsBody = operation["requestBody"]?["required"]?.GetValue<bool>() == true;
        _body = SchemaOf(operation["requestBody"]);
        _replies = ((JsonObject)operation["responses"]!)
            .Select(pair => (Status: pair.Key, Response: (JsonObject)schemas.Resolve(pair.Value!)))
            .ToDictionary(static pair => pair.Status, pair => (pair.Response, SchemaOf(pair.Response)));

        Lazy<JsonSchema>? SchemaOf(JsonNode? carrier) =>
            carrier?["content"]?["application/json"]?["schema"] is { } schema ? schemas.Compile(schema) : null;
    }

    public string Id { get; }

    public string Method { get; }

    public bool Matches(string path) => _path.IsMatch(path);

    public IEnumerable<string> CheckRequest(ApiRequest request, string path)
    {
        var query = HttpUtility.ParseQueryString(request.Address.Query);
        var groups = _path.Match(path).Groups;
        var known = _parameters.Where(static parameter => parameter.In == "query").Select(static parameter => parameter.Name);
        foreach (var name in query.AllKeys.Except(known))
        {
            yield return $"query: {Id} has no parameter '{name}'";
        }

        foreach (var (name, place, isRequired, schema) in _parameters)
        {
            var values = place == "path" ? [Uri.UnescapeDataString(groups[name].Value)] : query.GetValues(name) ?? [];
            if (values.Length > 1 || (isRequired && values.Length == 0))
            {
                yield return $"{place}: '{name}' is there {values.Length} times";
            }

            foreach (var value in values.Where(value => !Readings(value).Any(reading => schema.Value.Evaluate(reading).IsValid)))
            {
                yield return $"{place}: '{name}' may not be '{value}'";
            }
        }

        foreach (var violation in CheckBody(request))
        {
            yield return $"body: {violation}";
        }
    }

    /// <summary>Gets what is wrong with an answer; null if there is no such answer.</summary>
    public IEnumerable<string>? CheckReply(ApiReply reply)
    {
        if (!_replies.TryGetValue(reply.Status.ToString(CultureInfo.InvariantCulture), out var known))
        {
            return null;
        }

        var (response, schema) = known;
        if (response["headers"]?["Location"] is not null && !Uri.IsWellFormedUriString(reply.Headers.Find("Location"), UriKind.Absolute))
        {
            return ["the header Location has no address"];
        }

        if (schema is null)
        {
            return reply.Body.Length > 0 && reply.Status is >= 200 and < 300 ? ["there is a body, which this status has not"] : [];
        }

        return !reply.IsJson ? [$"the content is '{reply.Headers.Find("Content-Type")}' and not JSON"]
            : ApiJson.TryRead(reply.Body, out var body) ? SliceSchemas.Check(schema, body)
            : ["the body is no JSON"];
    }

    private IEnumerable<string> CheckBody(ApiRequest request)
    {
        if (request.Body.Length == 0)
        {
            return _needsBody ? ["there is none"] : [];
        }

        return _body is null ? [$"{Id} takes none"]
            : request.Headers.MediaType() is not "application/json" and var type ? [$"it is '{type}' and not application/json"]
            : ApiJson.TryRead(request.Body, out var body) ? SliceSchemas.Check(_body, body)
            : ["it is no JSON"];
    }

    // An address has text alone.
    private static IEnumerable<JsonNode?> Readings(string value)
    {
        yield return JsonValue.Create(value);
        if (Regex.IsMatch(value, "^(?:0|-?[1-9][0-9]{0,17}|true|false)$"))
        {
            yield return JsonNode.Parse(value);
        }
    }
}
