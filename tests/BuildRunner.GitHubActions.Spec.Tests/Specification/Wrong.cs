using System.Text.Json.Nodes;

namespace BuildRunner.GitHubActions.Spec.Tests.Specification;

/// <summary>One example of each possible error in a request or an answer.</summary>
internal static class Wrong
{
    private const string Dispatched = """{"workflow_run_id":1,"run_url":"https://api.github.com/1","html_url":"https://github.com/1"}""";

    private static readonly Dictionary<string, (string Line, string Body)> RequestsByName = new()
    {
        ["an unknown key"] = (Samples.Dispatch, """{"ref":"main","return_run_detail":true}"""),
        ["no ref"] = (Samples.Dispatch, """{"inputs":{}}"""),
        ["no body"] = (Samples.Dispatch, ""),
        ["a body that is no object"] = (Samples.Dispatch, "[]"),
        ["26 inputs"] = (Samples.Dispatch, DispatchWith(26)),
        ["a wrong type"] = (Samples.Dispatch, """{"ref":"main","return_run_details":"true"}"""),
        ["a null"] = (Samples.Dispatch, """{"ref":null}"""),
        ["a wrong path"] = ("GET /repos/acme/shop/actions/run/1", ""),
        ["a slash at the end"] = ("GET /repos/acme/shop/actions/runs/1/", ""),
        ["a wrong method"] = ("DELETE /repos/acme/shop/actions/runs/1/cancel", ""),
        ["a number that is none"] = ("GET /repos/acme/shop/actions/runs/x1", ""),
        ["a status that there is not"] = ("GET /repos/acme/shop/actions/runs?status=running", ""),
        ["a page that is no number"] = ("GET /repos/acme/shop/actions/runs?page=first", ""),
        ["a permission that there is not"] = ("POST /app/installations/1/access_tokens", """{"permissions":{"actions":"all"}}"""),
    };

    private static readonly Dictionary<string, (string Line, ApiReply Reply)> RepliesByName = new()
    {
        ["a wrong status"] = (Samples.Dispatch, Samples.Reply(201, Dispatched)),
        ["a missing member"] = (Samples.Dispatch, Samples.Reply(200, """{"workflow_run_id":1,"run_url":"https://api.github.com/1"}""")),
        ["a wrong type"] = (Samples.Dispatch, Samples.Reply(200, Dispatched.Replace("1,", "\"1\",", StringComparison.Ordinal))),
        ["an array for an object"] = (Samples.Dispatch, Samples.Reply(200, "[]")),
        ["a null that may not be"] = (Samples.GetRun, Samples.Reply(200, RunWith("head_sha", null))),
        ["a date that is none"] = (Samples.GetRun, Samples.Reply(200, RunWith("created_at", "yesterday"))),
        ["an unknown member where none may be"] = (Samples.Cancel, Samples.Reply(202, """{"status":"cancelled"}""")),
        ["text for JSON"] = (Samples.GetRun, Samples.Reply(200, "ok", ("Content-Type", "text/plain"))),
    };

    public static TheoryData<string> Requests => [.. RequestsByName.Keys];

    public static TheoryData<string> Replies => [.. RepliesByName.Keys];

    public static ApiRequest Request(string name) => Samples.Request(RequestsByName[name].Line, RequestsByName[name].Body);

    public static (ApiRequest Request, ApiReply Reply) Reply(string name)
    {
        var (line, reply) = RepliesByName[name];
        return (Samples.Request(line, line == Samples.Dispatch ? """{"ref":"main"}""" : ""), reply);
    }

    public static string DispatchWith(int inputs)
    {
        var values = Enumerable.Range(0, inputs).Select(static number => KeyValuePair.Create($"i{number}", (JsonNode?)"x"));
        return new JsonObject { ["ref"] = "main", ["inputs"] = new JsonObject(values) }.ToJsonString();
    }

    public static string RunWith(string name, JsonNode? value)
    {
        var run = JsonNode.Parse(Samples.ReplyOf("actions/get-workflow-run").Body)!.AsObject();
        run[name] = value;
        return run.ToJsonString();
    }
}
