using System.Web;

namespace BuildRunner.Jenkins.Tests.Fake;

/// <summary>A request as the fake has received it. The path is escaped as it was sent.</summary>
internal sealed record FakeRequest(string Method, Uri Address, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Path => Address.AbsolutePath;

    public string? Query(string name) => HttpUtility.ParseQueryString(Address.Query)[name];

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
