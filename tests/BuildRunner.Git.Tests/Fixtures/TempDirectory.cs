using System.Diagnostics;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A directory of its own for one test, outside of any work tree.</summary>
internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("buildrunner-tests-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    // Not by .NET, which cannot delete what has a name that is not UTF-8.
    public void Dispose()
    {
        using var process = Process.Start("rm", ["-rf", Path]);
        process.WaitForExit();
    }
}
