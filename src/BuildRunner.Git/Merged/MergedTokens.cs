using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using BuildRunner.Git.Changes;

namespace BuildRunner.Git.Merged;

/// <summary>Creates the names of things at the remote. They have a fixed form and reveal nothing about their source.</summary>
/// <param name="options">The options: a different key, target or prefix gives different names.</param>
/// <param name="runner">The type of the decorated runner, whose ids mean nothing to other types.</param>
internal sealed partial class MergedTokens(MergedRefsOptions options, string runner)
{
    /// <summary>The prefix of the references of records.</summary>
    public const string Records = "refs/buildrunner/";

    private const int Length = 32;

    /// <summary>Gets the scope of the records of one registration, which is the same on every host.</summary>
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
