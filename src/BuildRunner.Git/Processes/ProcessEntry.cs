namespace BuildRunner.Git.Processes;

/// <summary>A process that runs.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Session">The number of its session; 0 where that is not to be seen from here.</param>
/// <param name="Start">When it was started, by the kernel's count.</param>
internal sealed record ProcessEntry(int Id, int Session, long Start);
