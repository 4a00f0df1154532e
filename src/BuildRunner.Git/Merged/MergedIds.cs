using System.Text.RegularExpressions;

namespace BuildRunner.Git.Merged;

/// <summary>The ids of builds that no CI knows: with the token of their record, so that every host finds it, and a part that makes them new each time.</summary>
internal static partial class MergedIds
{
    public static BuildId New(string token) => new($"merged-refs:{token}:{MergedTokens.New()}");

    /// <summary>Gets the token of the record, or <see langword="null"/> where the id is that of another runner.</summary>
    public static string? TokenOf(BuildId buildId) =>
        Pattern().Match(buildId.Value) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"^merged-refs:([0-9a-f]{32}):[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
