using BuildRunner.Tests.Documentation;

[assembly: AssemblyFixture(typeof(EmptyDirectory))]

namespace BuildRunner.Tests.Documentation;

/// <summary>The directory in which the programs of the documentation run. They create files, which the next run must not find.</summary>
public sealed class EmptyDirectory : IDisposable
{
    private readonly string _before = Directory.GetCurrentDirectory();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("buildrunner-tests-");

    public EmptyDirectory() => Directory.SetCurrentDirectory(_directory.FullName);

    public void Dispose()
    {
        Directory.SetCurrentDirectory(_before);
        _directory.Delete(recursive: true);
    }
}
