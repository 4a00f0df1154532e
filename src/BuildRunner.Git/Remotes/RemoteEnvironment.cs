using System.Globalization;
using System.Text;

namespace BuildRunner.Git.Remotes;

/// <summary>
/// The environment in which git may speak to a remote: over the remote's own protocol and no other, without asking anybody for anything.
/// </summary>
/// <remarks>Credentials go through it because an argument list can be read by everybody, and a file outlives the call.</remarks>
internal static class RemoteEnvironment
{
    public static Dictionary<string, string?> Create(RemoteAddress address, GitCredentials? credentials)
    {
        Dictionary<string, string?> environment = new(StringComparer.Ordinal)
        {
            ["GIT_ALLOW_PROTOCOL"] = address.Protocol,
            ["GIT_ASKPASS"] = "",
            ["GIT_SSH_VARIANT"] = "ssh",

            // Batch mode for ssh, which has no variable for it and which git would give an option by a shell only: what would be asked for is refused.
            ["SSH_ASKPASS"] = "false",
            ["SSH_ASKPASS_REQUIRE"] = "force",
        };
        if (address.IsHttp)
        {
            // curl would take credentials from the .netrc of the account.
            environment["HOME"] = "/dev/null";
        }

        // A redirect could carry the credentials, or the question itself, elsewhere.
        List<(string Key, string Value)> configuration = [("http.followRedirects", "false"), ("credential.helper", "")];
        if (credentials is not null)
        {
            configuration.Add(($"http.{address}.extraHeader", "Authorization: Basic " + Encode(credentials)));
        }

        environment["GIT_CONFIG_COUNT"] = configuration.Count.ToString(CultureInfo.InvariantCulture);
        foreach (var (index, (key, value)) in configuration.Index())
        {
            environment[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_KEY_{index}")] = key;
            environment[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_VALUE_{index}")] = value;
        }

        return environment;
    }

    /// <summary>Gets the credentials as they are sent.</summary>
    public static string Encode(GitCredentials credentials) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.UserName}:{credentials.Password}"));
}
