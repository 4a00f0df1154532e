namespace BuildRunner.GitHubActions.Spec;

/// <summary>An answer of GitHub, or of its stand-in.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Headers">The headers, those of the content among them.</param>
/// <param name="Body">The content, which is text; empty if there is none.</param>
public sealed record ApiReply(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    /// <summary>Reads an answer. Its content stays readable.</summary>
    public static async Task<ApiReply> ReadAsync(HttpResponseMessage message, CancellationToken cancellationToken)
    {
        await message.Content.LoadIntoBufferAsync(cancellationToken);
        var body = await message.Content.ReadAsStringAsync(cancellationToken);
        return new((int)message.StatusCode, ApiHeaders.Of([.. message.Headers, .. message.Content.Headers]), body);
    }

    internal bool IsJson => Headers.MediaType() is { } type
        && (type == "application/json" || type.EndsWith("+json", StringComparison.Ordinal));
}
