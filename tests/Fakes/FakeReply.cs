using System.Text.Json.Nodes;

namespace BuildRunner.Fakes;

/// <summary>What a fake answers. A status of 0 is a connection that is closed without an answer.</summary>
internal sealed record FakeReply(int Status, string Body = "", string ContentType = "application/json; charset=utf-8")
{
    public static FakeReply Lost => new(0);

    public Dictionary<string, string> Headers { get; } = [];

    public static FakeReply Json(int status, JsonNode body) => new(status, body.ToJsonString());

    /// <summary>A page of a proxy.</summary>
    public static FakeReply Html(int status) => new(status, "<html><body>The proxy has no answer.</body></html>", "text/html");

    public FakeReply With(string name, string value)
    {
        Headers[name] = value;
        return this;
    }
}
