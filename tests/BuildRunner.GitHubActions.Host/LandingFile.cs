using System.Text;

namespace BuildRunner.GitHubActions.Landing;

/// <summary>A file of lines.</summary>
internal sealed class LandingFile(string path)
{
    private readonly Lock _lock = new();

    public void Add(string line)
    {
        var bytes = Encoding.UTF8.GetBytes($"{line}\n");
        lock (_lock)
        {
            // At once, so that a kill leaves a whole line or none.
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(bytes);
        }
    }
}
