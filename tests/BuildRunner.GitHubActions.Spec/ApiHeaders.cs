namespace BuildRunner.GitHubActions.Spec;

/// <summary>Headers by their names, whatever case these have.</summary>
internal static class ApiHeaders
{
    public static Dictionary<string, string> Of(IEnumerable<KeyValuePair<string, IEnumerable<string>>> headers) =>
        headers.ToDictionary(static header => header.Key, static header => string.Join(", ", header.Value));

    public static string? Find(this IReadOnlyDictionary<string, string> headers, string name) =>
        headers.FirstOrDefault(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>Gets what the content is, without its parameters.</summary>
    public static string? MediaType(this IReadOnlyDictionary<string, string> headers) => headers.Find("Content-Type")?.Split(';')[0].Trim();
}
