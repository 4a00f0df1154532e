using System.Text.RegularExpressions;

namespace BuildRunner.Git.Merged;

/// <summary>Creates the ids of builds that exist only here: the token of the record, by which every host finds it, and a unique
/// part.</summary>
internal static partial class MergedIds
{
    public static BuildId New(string token) => new($"merged-refs:{token}:{MergedTokens.New()}");

    /// <summary>Gets the token of the record, or <see langword="null"/> if another runner created the id.</summary>
    public static string? TokenOf(BuildId buildId) =>
        Pattern().Match(buildId.Value) is { Success: true } match ? match.Groups[1].Value : null;

    [GeneratedRegex(@"^merged-refs:([0-9a-f]{32}):[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
