using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Web;

namespace BuildRunner.Fakes;

internal sealed partial record FakeRequest
{
    /// <summary>Gets the parameters, which GitLab takes from the address and from a body of JSON or of either kind of form.</summary>
    public JsonObject Parameters
    {
        get
        {
            var type = Header("Content-Type") ?? "";
            var query = Pairs(Address.Query);
            return type.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) ? Of(query.Concat(Pairs(Body)))
                : type.StartsWith("multipart/form-data", StringComparison.Ordinal)
                    ? Of(query.Concat(Part().Matches(Body).Select(static part => (part.Groups[1].Value, part.Groups[2].Value))))
                : Body.Length == 0 ? Of(query) : JsonNode.Parse(Body)!.AsObject();
        }
    }

    private static IEnumerable<(string Name, string Value)> Pairs(string text)
    {
        var form = HttpUtility.ParseQueryString(text);
        return form.AllKeys.OfType<string>().Select(name => (name, form[name]!));
    }

    private static JsonObject Of(IEnumerable<(string Name, string Value)> pairs)
    {
        JsonObject parameters = [];
        foreach (var (name, value) in pairs)
        {
            if (name.StartsWith("variables[", StringComparison.Ordinal))
            {
                parameters["variables"] ??= new JsonObject();
                parameters["variables"]![name["variables[".Length..^1]] = value;
            }
            else
            {
                parameters[name] = value;
            }
        }

        return parameters;
    }

    [GeneratedRegex("name=\"([^\"]+)\"\r\n\r\n(.*?)\r\n--", RegexOptions.Singleline)]
    private static partial Regex Part();
}
