using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Storage;

/// <summary>Identifies the processes of a build run, also for a process that did not start them.</summary>
/// <param name="Machine">The boot and pid namespace in which <paramref name="Leader"/> is valid.</param>
/// <param name="Cookie">The cookie in their environment.</param>
/// <param name="Leader">The id of the command's first process, or <see langword="null"/> before it starts.</param>
/// <param name="LeaderStart">The start of that process, in clock ticks of the kernel.</param>
internal sealed record Attempt(string Machine, string Cookie, int? Leader = null, long? LeaderStart = null)
{
    /// <summary>Creates the attempt of a run that is about to start on this machine.</summary>
    public static Attempt Create() => new(ProcessTable.Machine(), BuildCookie.Create());

    /// <summary>Creates a copy with the first process of the command.</summary>
    public Attempt LedBy(int leader) => this with { Leader = leader, LeaderStart = ProcessTable.StartOf(leader) };
}
