using System.Globalization;
using System.Text;

namespace BuildRunner.Git.Processes;

/// <summary>What the kernel says of the processes of this machine.</summary>
internal static class ProcessTable
{
    // proc_pid_stat(5), counted from the state, which is the first after the name in parentheses.
    private const int SessionField = 3;
    private const int FlagsField = 6;
    private const int StartField = 19;
    private const long OfTheKernel = 0x00200000;

    /// <summary>Gets the numbers of all processes.</summary>
    public static IEnumerable<int> Ids()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                yield return id;
            }
        }
    }

    /// <summary>Gets what is known of a process that runs, or <see langword="null"/> where it has ended or is the kernel's own.</summary>
    public static ProcessEntry? Find(int process) =>
        Status(process) is { Length: > StartField } status && status[0] is not ("Z" or "X") && (long.Parse(status[FlagsField], CultureInfo.InvariantCulture) & OfTheKernel) == 0
            ? new ProcessEntry(process, int.Parse(status[SessionField], CultureInfo.InvariantCulture), long.Parse(status[StartField], CultureInfo.InvariantCulture))
            : null;

    /// <summary>Gets when a process was started, by the kernel's count, or <see langword="null"/> where there is none.</summary>
    public static long? StartOf(int process) =>
        Status(process) is { Length: > StartField } status ? long.Parse(status[StartField], CultureInfo.InvariantCulture) : null;

    /// <summary>Gets the environment that a process was started with, or <see langword="null"/> where that is not to be seen.</summary>
    public static byte[]? EnvironmentOf(int process) => Read(process, "environ");

    /// <summary>Gets what the numbers of processes are valid in: one run of the kernel, and one numbering in it, of which a container has its own.</summary>
    public static string Machine() =>
        $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {new FileInfo("/proc/self/ns/pid").LinkTarget}";

    private static string[] Status(int process)
    {
        // The name may have any character, a parenthesis too.
        var status = Encoding.Latin1.GetString(Read(process, "stat") ?? []);
        return status[(status.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    private static byte[]? Read(int process, string file)
    {
        try
        {
            return File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/{file}"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has ended in the meantime, or belongs to somebody else.
            return null;
        }
    }
}
