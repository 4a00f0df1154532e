using System.Globalization;

namespace BuildRunner.Git.Processes;

/// <summary>How many processes the kernel has killed because memory ran out.</summary>
/// <param name="OfGroup">Those of this process's control group, in which the commands run too; 0 where the kernel does not say.</param>
/// <param name="OfMachine">Those of the whole machine; 0 where the kernel does not say.</param>
internal readonly record struct MemoryKills(long OfGroup, long OfMachine)
{
    private const string Counter = "oom_kill ";

    /// <summary>Reads the counters, which only grow.</summary>
    /// <param name="root">The directory in which the kernel's files are.</param>
    public static MemoryKills Read(string root = "/") => new(ReadGroup(root), ReadCounter(Path.Combine(root, "proc/vmstat")));

    public static MemoryKills operator -(MemoryKills left, MemoryKills right) =>
        new(left.OfGroup - right.OfGroup, left.OfMachine - right.OfMachine);

    // cgroups(7), proc_pid_mountinfo(5). With both versions mounted, the memory is counted by one of them, and the file of the other is not there.
    private static long ReadGroup(string root)
    {
        string[][] groups =
        [
            .. ReadLines(Path.Combine(root, "proc/self/cgroup")).Select(static line => line.Split(':', 3)).Where(static fields => fields.Length == 3),
        ];
        var kills = 0L;
        foreach (var line in ReadLines(Path.Combine(root, "proc/self/mountinfo")))
        {
            if (line.Split(" - ") is not [var mount, var source] || mount.Split(' ') is not [_, _, _, var mountRoot, var mountPoint, ..])
            {
                continue;
            }

            var (group, file) = source.Split(' ') switch
            {
                ["cgroup2", ..] => (groups.FirstOrDefault(static fields => fields[0] == "0"), "memory.events"),
                ["cgroup", _, var options] when CountsMemory(options) =>
                    (groups.FirstOrDefault(static fields => CountsMemory(fields[1])), "memory.oom_control"),
                _ => default,
            };
            if (group is not null)
            {
                kills += ReadCounter(Path.Join(root, mountPoint, Below(mountRoot, group[2]), file));
            }
        }

        return kills;
    }

    private static bool CountsMemory(string controllers) => controllers.Split(',').Contains("memory");

    // A container can see its own group as the root of the file system, and its path as it is outside.
    private static string Below(string mountRoot, string path) =>
        mountRoot != "/" && (path + "/").StartsWith(mountRoot + "/", StringComparison.Ordinal) ? path[mountRoot.Length..] : path;

    private static long ReadCounter(string path) => ReadLines(path)
        .Where(static line => line.StartsWith(Counter, StringComparison.Ordinal))
        .Select(static line => long.TryParse(line.AsSpan(Counter.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0)
        .FirstOrDefault();

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
