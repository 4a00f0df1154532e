using System.Globalization;
using System.Runtime.Versioning;
using System.Text;

namespace BuildRunner.Git.Processes;

/// <summary>The processes that carry the cookie of a build in their environment, wherever they have moved to. One that has cleared its environment is not found.</summary>
[SupportedOSPlatform("linux")]
internal sealed class CookieBearers
{
    public const string Variable = "BUILDRUNNER_COOKIE";

    private const int MaxRounds = 100;
    private static readonly TimeSpan RoundDelay = TimeSpan.FromMilliseconds(10);

    private readonly byte[] _needle;

    public CookieBearers(string cookie) => _needle = Encoding.UTF8.GetBytes($"{Variable}={cookie}");

    /// <summary>Kills until none is left, because one may start another while it is being killed.</summary>
    /// <returns>Whether none is left.</returns>
    public async Task<bool> KillAsync()
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var bearers = Find();
            if (bearers.Count == 0)
            {
                return true;
            }

            foreach (var bearer in bearers)
            {
                _ = Posix.Kill(bearer, Posix.SigKill);
            }

            // The kernel's time, not the product's: a killed process needs a moment to vanish.
            await Task.Delay(RoundDelay).ConfigureAwait(false);
        }

        return false;
    }

    private List<int> Find()
    {
        List<int> bearers = [];
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id != Environment.ProcessId
                && HasCookie(Path.Combine(directory, "environ")))
            {
                bearers.Add(id);
            }
        }

        return bearers;
    }

    private bool HasCookie(string path)
    {
        try
        {
            return File.ReadAllBytes(path).AsSpan().IndexOf(_needle) >= 0;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended in the meantime, or belongs to somebody else and is none of ours.
            return false;
        }
    }
}
