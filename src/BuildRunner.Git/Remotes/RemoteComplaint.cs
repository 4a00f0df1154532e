using System.Text;
using System.Text.RegularExpressions;

namespace BuildRunner.Git.Remotes;

/// <summary>What git has said about a remote. Much of it can be the server's own text.</summary>
internal static partial class RemoteComplaint
{
    private const int MaxLength = 2000;

    /// <summary>Gets the text without the secret, which a server could send back, without control characters, and of a length that can be read.</summary>
    public static string Clean(string text, GitCredentials? credentials)
    {
        var clean = new StringBuilder(text);
        if (credentials is { Password.Length: > 0 })
        {
            clean.Replace(RemoteEnvironment.Encode(credentials), "***").Replace(credentials.Password, "***");
        }

        for (var index = 0; index < clean.Length; index++)
        {
            if (char.IsControl(clean[index]) && clean[index] != '\n')
            {
                clean[index] = ' ';
            }
        }

        var trimmed = clean.ToString().Trim();
        return trimmed.Length <= MaxLength ? trimmed : trimmed[..MaxLength] + "…";
    }

    /// <summary>Determines whether the same call may succeed later: where git, curl or ssh itself says that nobody has answered, or that the server has asked to be left alone.</summary>
    public static bool IsTransient(string text) => Transient().IsMatch(text);

    [GeneratedRegex(
        @"^(?:fatal: unable to access '[^']*': (?:Failed to connect to |Recv failure: |Empty reply |Connection |Operation timed out|The requested URL returned error: (?:429|50[234])\b)|error: RPC failed; HTTP (?:429|50[234])\b|ssh: connect to host \S+ port \d+: (?:Connection |No route ))",
        RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Transient();
}
