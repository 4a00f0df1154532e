using System.Net;
using System.Text;

namespace BuildRunner.Fakes;

/// <summary>The way to a fake in this process.</summary>
internal sealed class FakeTransport(FakeService service, bool overlaps = false) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (overlaps)
        {
            // Calls of one moment.
            await Task.Yield();
        }

        var body = request.Content is null ? "" : await ReadAsync(request.Content, cancellationToken);
        var headers = request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? [])
            .ToDictionary(static header => header.Key, static header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
        var reply = service.Handle(new FakeRequest(request.Method.Method, request.RequestUri!, headers, body));
        if (reply.Status == 0)
        {
            throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection was closed.");
        }

        HttpResponseMessage response = new((HttpStatusCode)reply.Status)
        {
            RequestMessage = request,
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(reply.Body)),
        };
        if (reply.ContentType.Length > 0)
        {
            response.Content.Headers.TryAddWithoutValidation("Content-Type", reply.ContentType);
        }

        foreach (var (name, value) in reply.Headers)
        {
            _ = response.Headers.TryAddWithoutValidation(name, value) || response.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    // As a transport does: it is written, not looked at.
    private static async Task<string> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using MemoryStream body = new();
        await content.CopyToAsync(body, cancellationToken);
        return Encoding.UTF8.GetString(body.ToArray());
    }
}
