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
    private const int MaxUnsureRounds = 100;
    private static readonly TimeSpan RoundDelay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan UnsureDelay = TimeSpan.FromMilliseconds(1);

    private readonly byte[] _needle = Encoding.UTF8.GetBytes($"{BuildCookie.Variable}={cookie}");
    private readonly byte[] _toolNeedle = Encoding.UTF8.GetBytes($"{BuildCookie.ToolVariable}={cookie}");

    // Also those of processes that are dead by now: what they have started in their last moment may have no cookie. As long as a session has processes, no other gets its number.
    private readonly HashSet<int> _sessions = leader is { } session ? [session] : [];

    // None of these is older than the command. Where that has not been started, or is not known, any may be one.
    private readonly long _since = leader is { } first ? ProcessTable.StartOf(first) ?? 0 : 0;

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
        var unsureRounds = 0;
        for (var round = 0; round < MaxRounds;)
        {
            var found = Find(out var isSure);
            if (found.Count == 0)
            {
                if (isSure || ++unsureRounds > MaxUnsureRounds)
                {
                    return true;
                }

                await Task.Delay(UnsureDelay).ConfigureAwait(false);
                continue;
            }

            round++;

            foreach (var process in found)
            {
                _ = Posix.Kill(process.Id, Posix.SigKill);
            }

            // The kernel's time, not the product's: a killed process needs a moment to vanish.
            await Task.Delay(RoundDelay).ConfigureAwait(false);
        }

        return false;
    }

    /// <param name="isSure">Whether all others are surely none of these: a process that is just starting a program has no environment for a moment, and looks like one that has cleared it.</param>
    private List<ProcessEntry> Find(out bool isSure)
    {
        List<ProcessEntry> found = [];
        List<ProcessEntry> others = [];
        isSure = true;
        foreach (var process in ProcessTable.Ids().Where(static id => id != Environment.ProcessId).Select(ProcessTable.Find).OfType<ProcessEntry>())
        {
            if (process.Start < _since)
            {
                others.Add(process);
                continue;
            }

            var environment = ProcessTable.EnvironmentOf(process.Id);
            if (environment.AsSpan().IndexOf(_needle) >= 0)
            {
                found.Add(process);
                _sessions.Add(process.Session);
            }
            else if (environment.AsSpan().IndexOf(_toolNeedle) >= 0)
            {
                found.Add(process);
            }
            else
            {
                others.Add(process);
                isSure &= environment is not [];
            }
        }

        // A bearer's session was begun by the command: nothing gets the cookie in another way, and nobody can join a session. Zero is one that is not to be seen from here.
        _sessions.Remove(0);
        found.AddRange(others.Where(other => _sessions.Contains(other.Session)));
        return found;
    }
}
