using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using BuildRunner.Git.Changes;

namespace BuildRunner.Git.Merged;

/// <summary>The names under which things are found at the remote. Each is of one form, and tells nothing of what it was made of.</summary>
/// <param name="options">What they are for: another key, target or prefix has other names for the same.</param>
/// <param name="runner">The kind of runner that is decorated, whose ids mean nothing to another.</param>
internal sealed partial class MergedTokens(MergedRefsOptions options, string runner)
{
    /// <summary>What the references of records are below.</summary>
    public const string Records = "refs/buildrunner/";

    private const int Length = 32;

    /// <summary>Gets what the records of one registration have in common, on every host, and those of no other.</summary>
    public string Scope { get; } = Hash(options.ServiceKey, GitReference.Expand(options.TargetBranch), options.RefPrefix, runner);

    public static string New() => RandomNumberGenerator.GetHexString(Length, lowercase: true);

    public static string RecordOf(string token) => Records + token;

    public static bool IsToken(string text) => Pattern().IsMatch(text);

    public string OfKey(string triggerKey) => Hash(Scope, "key", triggerKey);

    public string OfBuild(BuildId buildId) => Hash(Scope, "build", buildId.Value);

    public string OfTree(string tree) => Hash(Scope, "tree", tree);

    private static string Hash(params string[] parts) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))))[..Length];

    [GeneratedRegex(@"^[0-9a-f]{32}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
