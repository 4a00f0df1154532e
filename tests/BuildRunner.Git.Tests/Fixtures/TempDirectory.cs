namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>A directory of its own for one test, outside of any work tree.</summary>
internal sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("buildrunner-tests-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
