namespace BuildRunner.GitHubActions.Spec;

/// <summary>A request to GitHub as it is sent.</summary>
/// <param name="Method">The method, in upper case.</param>
/// <param name="Address">The address.</param>
/// <param name="Headers">The headers, those of the content among them.</param>
/// <param name="Body">The content, which is text; empty if there is none.</param>
public sealed record ApiRequest(string Method, Uri Address, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>Reads a request. Its content stays readable.</summary>
    public static async Task<ApiRequest> ReadAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        if (message.Content is null)
        {
            return new(message.Method.Method, message.RequestUri!, ApiHeaders.Of(message.Headers), "");
        }

        await message.Content.LoadIntoBufferAsync(cancellationToken);
        var body = await message.Content.ReadAsStringAsync(cancellationToken);
        return new(message.Method.Method, message.RequestUri!, ApiHeaders.Of([.. message.Headers, .. message.Content.Headers]), body);
    }
}
