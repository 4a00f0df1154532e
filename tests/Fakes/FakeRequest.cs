using System.Web;

namespace BuildRunner.Fakes;

/// <summary>A request as a fake has received it. The path is escaped as it was sent.</summary>
internal sealed partial record FakeRequest(string Method, Uri Address, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string Path => Address.AbsolutePath;

    public string? Query(string name) => HttpUtility.ParseQueryString(Address.Query)[name];

    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
