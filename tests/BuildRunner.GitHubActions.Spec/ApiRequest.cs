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
            return new(message.Method.Method, message.RequestUri!, HeadersOf(message.Headers), "");
        }

        await message.Content.LoadIntoBufferAsync(cancellationToken);
        var body = await message.Content.ReadAsStringAsync(cancellationToken);
        return new(message.Method.Method, message.RequestUri!, HeadersOf([.. message.Headers, .. message.Content.Headers]), body);
    }

    internal string? Header(string name) => Headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    internal static Dictionary<string, string> HeadersOf(IEnumerable<KeyValuePair<string, IEnumerable<string>>> headers) =>
        headers.ToDictionary(static header => header.Key, static header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
}
