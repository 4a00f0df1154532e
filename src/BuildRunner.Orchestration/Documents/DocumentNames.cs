using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BuildRunner.Orchestration;

/// <summary>Provides the names of documents.</summary>
internal static class DocumentNames
{
    public const string Runners = "runner/";

    public static string OfRunner(string runner) => Runners + runner;

    /// <summary>Gets the name of how the builds are let in that wait for a runner.</summary>
    public static string OfLine(string runner) => "line/" + runner;

    /// <summary>Gets the name of what an owner has spent on further attempts. Both names may contain slashes.</summary>
    public static string OfBudget(string runner, string owner) =>
        string.Create(CultureInfo.InvariantCulture, $"budget/{runner.Length}/{runner}/{owner}");

    /// <summary>Gets the name of the turns of those that replace the builds of a tag.</summary>
    public static string OfTag(string owner, string tag)
    {
        // Both in full would be too long.
        var text = string.Create(CultureInfo.InvariantCulture, $"{owner.Length}/{owner}/{tag}");
        return "tag/" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    public static string OfGroup(string key) => "group/" + key;
}
