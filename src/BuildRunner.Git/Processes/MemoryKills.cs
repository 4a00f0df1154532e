using System.Globalization;

namespace BuildRunner.Git.Processes;

/// <summary>Represents the number of processes that the kernel killed because memory ran out.</summary>
/// <param name="OfGroup">The number in the control group of this process, in which commands run too; 0 if unknown.</param>
/// <param name="OfMachine">The number on the whole machine; 0 if unknown.</param>
internal readonly record struct MemoryKills(long OfGroup, long OfMachine)
{
    private const string Counter = "oom_kill ";

    /// <summary>Reads the counters, which only grow.</summary>
    /// <param name="root">The directory that contains <c>proc</c>.</param>
    public static MemoryKills Read(string root = "/") => new(ReadGroup(root), ReadCounter(Path.Combine(root, "proc/vmstat")));

    public static MemoryKills operator -(MemoryKills left, MemoryKills right) =>
        new(left.OfGroup - right.OfGroup, left.OfMachine - right.OfMachine);

    // cgroups(7), proc_pid_mountinfo(5). If both versions are mounted, one of them counts memory, and the file of the other does not exist.
    private static long ReadGroup(string root)
    {
        string[][] groups =
        [
            .. ReadLines(Path.Combine(root, "proc/self/cgroup"))
                .Select(static line => line.Split(':', 3))
                .Where(static fields => fields.Length == 3),
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

    // A container may see its own group as the root of the file system, but its path as seen from outside.
    private static string Below(string mountRoot, string path) =>
        mountRoot != "/" && (path + "/").StartsWith(mountRoot + "/", StringComparison.Ordinal) ? path[mountRoot.Length..] : path;

    private static long ReadCounter(string path) => ReadLines(path)
        .Where(static line => line.StartsWith(Counter, StringComparison.Ordinal))
        .Select(static line =>
            long.TryParse(line.AsSpan(Counter.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0)
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
