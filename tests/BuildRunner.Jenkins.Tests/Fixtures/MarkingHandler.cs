namespace BuildRunner.Jenkins.Tests.Fixtures;

/// <summary>Marks the answers that a test has put in as those of Jenkins.</summary>
internal sealed class MarkingHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode && response.Content.Headers.ContentType?.MediaType == "application/json")
        {
            response.Headers.TryAddWithoutValidation("X-Jenkins", FakeJenkins.Version);
        }

        return response;
    }
}
