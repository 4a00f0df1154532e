using System.Globalization;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A control group with a memory limit for all its processes. A test that needs one is skipped if it cannot be created.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private readonly string _path;

    private MemoryGroup(string path) => _path = path;

    public static MemoryGroup Create(int megabytes)
    {
        var isVersion1 = Directory.Exists("/sys/fs/cgroup/memory");
        var path = Path.Combine(isVersion1 ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup", $"buildrunner-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(path);
            File.WriteAllText(Path.Combine(path, isVersion1 ? "memory.limit_in_bytes" : "memory.max"), string.Create(CultureInfo.InvariantCulture, $"{megabytes}M"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path);
            }

            Assert.Skip($"A control group cannot be made here: {exception.Message}");
        }

        return new MemoryGroup(path);
    }

    public void Add(string process) => File.WriteAllText(Path.Combine(_path, "cgroup.procs"), process);

    // What was killed may need a moment to leave.
    public void Dispose()
    {
        while (true)
        {
            try
            {
                Directory.Delete(_path);
                return;
            }
            catch (IOException) when (File.ReadAllText(Path.Combine(_path, "cgroup.procs")).Length > 0)
            {
                Thread.Yield();
            }
        }
    }
}
