using System.Globalization;
using System.Text;

namespace BuildRunner.Git.Processes;

/// <summary>Reads the process table of the kernel.</summary>
internal static class ProcessTable
{
    // proc_pid_stat(5), counted from the state, the first field after the name in parentheses.
    private const int SessionField = 3;
    private const int FlagsField = 6;
    private const int StartField = 19;
    private const long OfTheKernel = 0x00200000;

    /// <summary>Gets the ids of all processes.</summary>
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

    /// <summary>Gets a running process, or <see langword="null"/> if it has ended or belongs to the kernel.</summary>
    public static ProcessEntry? Find(int process) =>
        Status(process) is { Length: > StartField } status
        && status[0] is not ("Z" or "X")
        && (NumberIn(status, FlagsField) & OfTheKernel) == 0
            ? new ProcessEntry(process, (int)NumberIn(status, SessionField), NumberIn(status, StartField))
            : null;

    /// <summary>Gets the start of a process in clock ticks of the kernel, or <see langword="null"/> if there is no such process.</summary>
    public static long? StartOf(int process) =>
        Status(process) is { Length: > StartField } status ? NumberIn(status, StartField) : null;

    /// <summary>Gets the environment that a process was started with, or <see langword="null"/> if it cannot be read.</summary>
    public static byte[]? EnvironmentOf(int process) => Read(process, "environ");

    /// <summary>Identifies the scope of process ids: a boot of the kernel and a pid namespace, which differs per container.</summary>
    public static string Machine() =>
        $"{File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim()} {new FileInfo("/proc/self/ns/pid").LinkTarget}";

    private static long NumberIn(string[] status, int field) => long.Parse(status[field], CultureInfo.InvariantCulture);

    private static string[] Status(int process)
    {
        // The name may contain any character, including a parenthesis.
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
            // It has ended, or belongs to another user.
            return null;
        }
    }
}
