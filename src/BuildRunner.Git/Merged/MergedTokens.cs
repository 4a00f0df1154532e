using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace BuildRunner.Git.Merged;

/// <summary>The names under which things are found at the remote. Each is of one form, and tells nothing of what it was made of.</summary>
/// <param name="serviceKey">The key of the registration: two runners on one remote have other names for the same.</param>
internal sealed partial class MergedTokens(string serviceKey)
{
    /// <summary>What the references of records are below.</summary>
    public const string Records = "refs/buildrunner/";

    private const int Length = 32;

    public static string New() => RandomNumberGenerator.GetHexString(Length, lowercase: true);

    public static string RecordOf(string token) => Records + token;

    public static bool IsToken(string text) => Pattern().IsMatch(text);

    public string OfKey(string triggerKey) => Hash("key", triggerKey);

    public string OfBuild(BuildId buildId) => Hash("build", buildId.Value);

    public string OfTree(string tree) => Hash("tree", tree);

    private string Hash(string kind, string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind}\0{serviceKey}\0{text}")))[..Length];

    [GeneratedRegex(@"^[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
