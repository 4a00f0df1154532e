using System.Net.Http.Headers;

namespace BuildRunner.GitHubActions.Tests.Fixtures;

/// <summary>Spoils what a runner sends, as a mistake in it would.</summary>
internal sealed class SpoilingHandler(string right, string wrong) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = new Uri(request.RequestUri!.AbsoluteUri.Replace(right, wrong, StringComparison.Ordinal));
        if (request.Content is { Headers.ContentType: { } type } content)
        {
            var body = (await content.ReadAsStringAsync(cancellationToken)).Replace(right, wrong, StringComparison.Ordinal);
            request.Content = new StringContent(body, new MediaTypeHeaderValue(type.MediaType!));
        }

        return await base.SendAsync(request, cancellationToken);
    }
}
