namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>What the kernel says of a process.</summary>
internal static class ProcessTable
{
    /// <summary>Determines whether a process is running: is there, and not merely waiting to be reaped.</summary>
    public static bool IsRunning(string id)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{id}/stat");
            return status[status.LastIndexOf(')')..].Split(' ')[1] is not ("Z" or "X");
        }
        catch (IOException)
        {
            return false;
        }
    }
}
