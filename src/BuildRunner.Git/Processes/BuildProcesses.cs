using System.Runtime.Versioning;
using System.Text;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Processes;

/// <summary>Finds and kills the processes of a build run: those that carry its cookie in their environment, and those in a session of such
/// a process or of the command. A process that has left these sessions and has cleared or hidden its environment is not found.</summary>
/// <param name="cookie">The value of <see cref="BuildCookie.Variable"/>.</param>
/// <param name="leader">The first process of the command, whose id is that of its session, or <see langword="null"/>. It must not have been
/// reaped.</param>
[SupportedOSPlatform("linux")]
internal sealed class BuildProcesses(string cookie, int? leader)
{
    private const int MaxRounds = 100;
    private const int MaxUnsureRounds = 100;
    private static readonly TimeSpan RoundDelay = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan UnsureDelay = TimeSpan.FromMilliseconds(1);

    private readonly byte[] _needle = Encoding.UTF8.GetBytes($"{BuildCookie.Variable}={cookie}");
    private readonly byte[] _toolNeedle = Encoding.UTF8.GetBytes($"{BuildCookie.ToolVariable}={cookie}");

    // Includes the sessions of processes that have died: what they started last may lack the cookie. The id of a session is not reused
    // while it has processes.
    private readonly HashSet<int> _sessions = leader is { } session ? [session] : [];

    // Excludes processes that are older than the command. Zero, which excludes none, if its start is unknown.
    private readonly long _since = leader is { } first ? ProcessTable.StartOf(first) ?? 0 : 0;

    /// <summary>Gets the processes of a run that another or an earlier process started.</summary>
    /// <exception cref="IOException">The attempt is not one of this runner.</exception>
    public static BuildProcesses Of(Attempt attempt)
    {
        // A build may have written the file.
        if (!BuildCookie.IsCookie(attempt.Cookie))
        {
            throw new IOException($"'{attempt.Cookie}' is not a cookie of a build.");
        }

        // Otherwise the id belongs to another process now.
        var isSame = attempt is { Leader: { } leader, LeaderStart: { } start }
            && attempt.Machine == ProcessTable.Machine()
            && ProcessTable.StartOf(leader) == start;
        return new BuildProcesses(attempt.Cookie, isSame ? attempt.Leader : null);
    }

    /// <summary>Kills the processes until none is left, because a process may start another while it is being killed.</summary>
    /// <returns><see langword="true"/> if none is left; otherwise, <see langword="false"/>.</returns>
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

            // Real time: the kernel needs a moment to remove a killed process.
            await Task.Delay(RoundDelay).ConfigureAwait(false);
        }

        return false;
    }

    /// <param name="isSure">Whether no other process can be one of them. A process that is starting a program has no environment for a
    /// moment, and looks as if it had cleared it.</param>
    private List<ProcessEntry> Find(out bool isSure)
    {
        List<ProcessEntry> found = [];
        List<ProcessEntry> others = [];
        isSure = true;
        var processes = ProcessTable.Ids().Where(static id => id != Environment.ProcessId).Select(ProcessTable.Find);
        foreach (var process in processes.OfType<ProcessEntry>())
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

        // The session of a process with the cookie was started by the command, because the cookie is only inherited and no process can join
        // a session. Session 0 is not visible from here.
        _sessions.Remove(0);
        found.AddRange(others.Where(other => _sessions.Contains(other.Session)));
        return found;
    }
}
