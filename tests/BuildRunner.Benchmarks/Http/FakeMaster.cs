using System.Text;

namespace BuildRunner.Benchmarks.Http;

/// <summary>A Buildbot master in this process. It answers at once, and its builds never end.</summary>
internal sealed class FakeMaster : HttpMessageHandler
{
    private long _requests;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.FromResult(new HttpResponseMessage { Content = new StringContent(Answer(request), Encoding.UTF8, "application/json") });

    private static string RowOf(long id) => $$$"""{"buildrequestid":{{{id}}},"builderid":1,"claimed":true,"complete":false,"results":-1,"properties":{"build_request":["{\"head\":[]}","force"]}}""";

    private string Answer(HttpRequestMessage request) => (request.Method.Method, request.RequestUri!.AbsolutePath) switch
    {
        ("POST", _) => $$$"""{"id":1,"jsonrpc":"2.0","result":[1,{"1":{{{Interlocked.Increment(ref _requests)}}}}]}""",
        (_, "/api/v2/builders") => """{"builders":[{"builderid":1,"name":"verify"}]}""",
        (_, "/api/v2/forceschedulers") => """{"forceschedulers":[{"name":"force","builder_names":["verify"],"all_fields":[{"fullName":"reason"},{"fullName":"build_request"}]}]}""",
        (_, "/api/v2/buildsets") => """{"buildsets":[]}""",
        _ => $$"""{"buildrequests":[{{string.Join(',', CountingTransport.BuildsOf(request).Select(RowOf))}}]}""",
    };
}
