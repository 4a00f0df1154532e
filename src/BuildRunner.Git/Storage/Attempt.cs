using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Storage;

/// <summary>By what the processes of one run of a build are known, also to a process that has not started them.</summary>
/// <param name="Machine">The start of the machine, and the numbering of processes, in which <paramref name="Leader"/> means something.</param>
/// <param name="Cookie">What they carry in their environment.</param>
/// <param name="Leader">The number of the command's first process, or <see langword="null"/> while it has not been started.</param>
/// <param name="LeaderStart">When that was started, by the kernel's count.</param>
internal sealed record Attempt(string Machine, string Cookie, int? Leader = null, long? LeaderStart = null)
{
    /// <summary>Makes the attempt of a run that is about to begin on this machine.</summary>
    public static Attempt Create() => new(ProcessTable.Machine(), BuildCookie.Create());

    /// <summary>Gets the attempt with the process that leads the command.</summary>
    public Attempt LedBy(int leader) => this with { Leader = leader, LeaderStart = ProcessTable.StartOf(leader) };
}
