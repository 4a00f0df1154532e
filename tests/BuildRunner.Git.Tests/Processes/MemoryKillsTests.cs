using BuildRunner.Git.Processes;

namespace BuildRunner.Git.Tests.Processes;

[Slow]
public sealed class MemoryKillsTests : IDisposable
{
    private readonly TempDirectory _root = new();

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("version 2", "0::/system.slice/ci.service", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate", "sys/fs/cgroup/system.slice/ci.service/memory.events")]
    [InlineData("version 2 in a container", "0::/", "30 23 0:26 /../docker/1 /sys/fs/cgroup ro - cgroup2 cgroup rw", "sys/fs/cgroup/memory.events")]
    [InlineData("version 1", "9:cpu,cpuacct:/other\n4:memory:/ci", "34 30 0:31 / /sys/fs/cgroup/memory rw shared:9 - cgroup cgroup rw,memory", "sys/fs/cgroup/memory/ci/memory.oom_control")]
    [InlineData("version 1 in a container", "4:memory:/docker/1", "34 30 0:31 /docker/1 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory", "sys/fs/cgroup/memory/memory.oom_control")]
    [InlineData(
        "both",
        "4:memory:/ci\n0::/ci",
        "34 30 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n35 30 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw",
        "sys/fs/cgroup/memory/ci/memory.oom_control")]
    public void What_was_killed_of_the_group_is_read(string what, string group, string mounts, string file)
    {
        Write("proc/self/cgroup", group);
        Write("proc/self/mountinfo", mounts);
        Write("proc/vmstat", "nr_free_pages 7\noom_kill 5");
        Write(file, "low 0\noom 4\noom_kill 3\noom_group_kill 1");

        MemoryKills.Read(_root.Path).Should().Be(new MemoryKills(OfGroup: 3, OfMachine: 5), what);
    }

    [Fact]
    public void A_kernel_that_says_nothing_has_killed_nothing() => MemoryKills.Read(_root.Path).Should().Be(default(MemoryKills));

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_root[file])!);
        File.WriteAllText(_root[file], text);
    }
}
