using System.Text.Json.Nodes;
using System.Web;

namespace BuildRunner.GitLab.Tests.Fake;

/// <summary>A request as the fake has received it.</summary>
internal sealed record FakeRequest(string Method, Uri Address, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Path => Address.AbsolutePath;

    /// <summary>Gets the parameters of a body, which GitLab takes as JSON and as a form.</summary>
    public JsonObject Parameters => Header("Content-Type")?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) == true
        ? OfForm() : Body.Length == 0 ? [] : JsonNode.Parse(Body)!.AsObject();

    public string? Query(string name) => HttpUtility.ParseQueryString(Address.Query)[name];

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    private JsonObject OfForm()
    {
        var form = HttpUtility.ParseQueryString(Body);
        JsonObject parameters = [];
        foreach (var name in form.AllKeys.OfType<string>())
        {
            if (name.StartsWith("variables[", StringComparison.Ordinal))
            {
                parameters["variables"] ??= new JsonObject();
                parameters["variables"]![name["variables[".Length..^1]] = form[name];
            }
            else
            {
                parameters[name] = form[name];
            }
        }

        return parameters;
    }
}
