using System.Globalization;
using System.Text;

namespace BuildRunner.Git.Remotes;

/// <summary>Creates the environment in which git talks to a remote: only over the protocol of its address, and without prompts.</summary>
/// <remarks>It carries the credentials, because argument lists are visible to everybody, and a file outlives the call.</remarks>
internal static class RemoteEnvironment
{
    public static Dictionary<string, string?> Create(RemoteAddress address, GitCredentials? credentials)
    {
        Dictionary<string, string?> environment = new(StringComparer.Ordinal)
        {
            ["GIT_ALLOW_PROTOCOL"] = address.Protocol,
            ["GIT_ASKPASS"] = "",
            ["GIT_SSH_VARIANT"] = "ssh",

            // Makes ssh fail instead of prompting. It has no variable for its batch mode, and git would pass an option only through a
            // shell.
            ["SSH_ASKPASS"] = "false",
            ["SSH_ASKPASS_REQUIRE"] = "force",
        };
        if (address.IsHttp)
        {
            // curl would read credentials from the account's .netrc.
            environment["HOME"] = "/dev/null";
        }

        // A redirect could send the credentials, or the request itself, elsewhere.
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

    /// <summary>Encodes the credentials for the Authorization header.</summary>
    public static string Encode(GitCredentials credentials) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.UserName}:{credentials.Password}"));
}
