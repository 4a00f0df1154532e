namespace BuildRunner.Git.Processes;

/// <summary>Represents a running process.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Session">The id of its session; 0 if not visible from here.</param>
/// <param name="Start">Its start, in clock ticks of the kernel.</param>
internal sealed record ProcessEntry(int Id, int Session, long Start);
