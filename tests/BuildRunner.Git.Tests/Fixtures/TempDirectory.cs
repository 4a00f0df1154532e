using System.Diagnostics;

namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A directory of its own for one test, outside of any work tree.</summary>
internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("buildrunner-tests-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
            return;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // .NET cannot delete what is too deep for a path, or has a name that is not UTF-8.
        }

        using var process = Process.Start("rm", ["-rf", Path]);
        process.WaitForExit();
    }
}
