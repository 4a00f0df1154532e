using System.Runtime.Versioning;
using System.Text;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Processes;

/// <summary>
/// The processes of one run of a build: those that carry its cookie in their environment, wherever they have moved to, and those in a session of such a process or of the command. One that has left these sessions and has cleared or hidden its environment is not found.
/// </summary>
/// <param name="cookie">The value of <see cref="BuildCookie.Variable"/>.</param>
/// <param name="leader">The first process of the command, whose number is that of its session, or <see langword="null"/>. It must not be reaped yet.</param>
[SupportedOSPlatform("linux")]
internal sealed class BuildProcesses(string cookie, int? leader)
{
    private const int MaxRounds = 100;
    private static readonly TimeSpan RoundDelay = TimeSpan.FromMilliseconds(10);

    private readonly byte[] _needle = Encoding.UTF8.GetBytes($"{BuildCookie.Variable}={cookie}");
    private readonly byte[] _toolNeedle = Encoding.UTF8.GetBytes($"{BuildCookie.ToolVariable}={cookie}");

    /// <summary>Gets what is left of a run that another process, or an earlier one, has started.</summary>
    /// <exception cref="IOException">The attempt is none of ours.</exception>
    public static BuildProcesses Of(Attempt attempt)
    {
        // The file could be the work of a build.
        if (!BuildCookie.IsCookie(attempt.Cookie))
        {
            throw new IOException($"'{attempt.Cookie}' is not the cookie of a build.");
        }

        // Otherwise the number has passed to a stranger.
        var isSame = attempt is { Leader: { } leader, LeaderStart: { } start } && attempt.Machine == ProcessTable.Machine() && ProcessTable.StartOf(leader) == start;
        return new BuildProcesses(attempt.Cookie, isSame ? attempt.Leader : null);
    }

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
        List<(int Process, int Session)> others = [];
        List<int> found = [];
        HashSet<int> sessions = leader is { } number ? [number] : [];
        foreach (var process in ProcessTable.Ids())
        {
            if (process == Environment.ProcessId || ProcessTable.SessionOf(process) is not { } session)
            {
                continue;
            }

            var environment = ProcessTable.EnvironmentOf(process).AsSpan();
            if (environment.IndexOf(_needle) >= 0)
            {
                found.Add(process);
                sessions.Add(session);
            }
            else if (environment.IndexOf(_toolNeedle) >= 0)
            {
                found.Add(process);
            }
            else
            {
                others.Add((process, session));
            }
        }

        // A bearer's session was begun by the command: nothing gets the cookie in another way, and nobody can join a session. Zero is one that is not to be seen from here.
        sessions.Remove(0);
        found.AddRange(others.Where(other => sessions.Contains(other.Session)).Select(static other => other.Process));
        return found;
    }
}
