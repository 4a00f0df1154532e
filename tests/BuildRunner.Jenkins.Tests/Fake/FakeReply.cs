using System.Text.Json.Nodes;

namespace BuildRunner.Jenkins.Tests.Fake;

/// <summary>What the fake answers. A status of 0 is a connection that is closed without an answer.</summary>
internal sealed record FakeReply(int Status, string Body = "", string ContentType = "text/html;charset=utf-8")
{
    public static FakeReply Lost => new(0);

    public Dictionary<string, string> Headers { get; } = [];

    public static FakeReply Json(JsonNode body) => new(200, body.ToJsonString(), "application/json;charset=utf-8");

    /// <summary>A page of a proxy, which has no header of Jenkins.</summary>
    public static FakeReply Proxy(int status) => new(status, "<html><body>The proxy has no answer.</body></html>", "text/html");

    /// <summary>A page of Jenkins.</summary>
    public static FakeReply Page(int status, string text) =>
        new FakeReply(status, $"<html><body>{text}</body></html>").With("X-Jenkins", FakeJenkins.Version);

    public FakeReply With(string name, string value)
    {
        Headers[name] = value;
        return this;
    }
}
