using System.Text;
using System.Text.RegularExpressions;

namespace BuildRunner.Git.Remotes;

/// <summary>Handles the error output of git about a remote, much of which may be text of the server.</summary>
internal static partial class RemoteComplaint
{
    private const int MaxLength = 2000;

    /// <summary>Removes the secret, which a server may echo, and control characters, and limits the length.</summary>
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

    /// <summary>Determines whether the same call may succeed later, because git, curl or ssh reports that the server did not answer or
    /// asked to wait.</summary>
    public static bool IsTransient(string text) => Transient().IsMatch(text);

    [GeneratedRegex(
        @"^(?:fatal: unable to access '[^']*': (?:Failed to connect to |Recv failure: |Empty reply |Connection |Operation timed out|"
            + @"The requested URL returned error: (?:429|50[234])\b)|error: RPC failed; HTTP (?:429|50[234])\b|"
            + @"ssh: connect to host \S+ port \d+: (?:Connection |No route ))",
        RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex Transient();
}
