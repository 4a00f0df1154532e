using System.Globalization;
using System.Runtime.Versioning;
using System.Text;

namespace BuildRunner.Git.Processes;

/// <summary>
/// The processes of a build: those in its session, and those that carry its cookie in their environment, wherever they have moved to. One that has left the session and has cleared or hidden its environment is not found.
/// </summary>
/// <param name="session">The number of the session, that of its leader. The leader must not be reaped yet.</param>
/// <param name="cookie">The value of <see cref="Variable"/>.</param>
[SupportedOSPlatform("linux")]
internal sealed class BuildProcesses(int session, string cookie)
{
    public const string Variable = "BUILDRUNNER_COOKIE";

    private const int MaxRounds = 100;
    private static readonly TimeSpan RoundDelay = TimeSpan.FromMilliseconds(10);

    private readonly byte[] _needle = Encoding.UTF8.GetBytes($"{Variable}={cookie}");

    /// <summary>Kills until none is left, because one may start another while it is being killed.</summary>
    /// <returns>Whether none is left.</returns>
    public async Task<bool> KillAsync()
    {
        for (var round = 0; round < MaxRounds; round++)
        {
            var found = Find();
            if (found.Count == 0)
            {
                return true;
            }

            foreach (var process in found)
            {
                _ = Posix.Kill(process, Posix.SigKill);
            }

            // The kernel's time, not the product's: a killed process needs a moment to vanish.
            await Task.Delay(RoundDelay).ConfigureAwait(false);
        }

        return false;
    }

    private List<int> Find()
    {
        List<int> found = [];
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                && id != Environment.ProcessId
                && (IsInSession(directory) || HasCookie(directory)))
            {
                found.Add(id);
            }
        }

        return found;
    }

    // proc_pid_stat(5): the number, the name in parentheses, which may have any character, then the state, the parent, the group, the session.
    private bool IsInSession(string directory)
    {
        var stat = Encoding.Latin1.GetString(Read(Path.Combine(directory, "stat")));
        return stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var state, _, _, var number, ..]
            && state is not ("Z" or "X")
            && number == session.ToString(CultureInfo.InvariantCulture);
    }

    private bool HasCookie(string directory) => Read(Path.Combine(directory, "environ")).AsSpan().IndexOf(_needle) >= 0;

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended in the meantime, or belongs to somebody else.
            return [];
        }
    }
}
