using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace BuildRunner.Http.Tests.Fixtures;

/// <summary>A transport that answers what a test says, in the process.</summary>
internal sealed class ScriptedHandler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    private readonly ConcurrentQueue<string> _requests = new();

    public ScriptedHandler(Func<HttpRequestMessage, HttpResponseMessage> answer)
        : this((request, _) => Task.FromResult(answer(request)))
    {
    }

    public IReadOnlyList<string> Requests => [.. _requests];

    public static HttpResponseMessage Reply(int status, string body = "{}", string contentType = "application/json") =>
        new((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, contentType) };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _requests.Enqueue($"{request.Method} {request.RequestUri!.PathAndQuery}");
        if (request.Content is not null)
        {
            await request.Content.CopyToAsync(Stream.Null, cancellationToken);
        }

        return await answer(request, cancellationToken);
    }
}
