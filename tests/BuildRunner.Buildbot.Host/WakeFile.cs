using System.Text;
using BuildRunner.Orchestration;

namespace BuildRunner.Buildbot.Chaos;

/// <summary>Keeps what owners are told, a line each, in a file that outlives the process.</summary>
internal sealed class WakeFile(string path) : IBuildObserver
{
    private readonly Lock _lock = new();

    public Task OnBuildChangedAsync(Build build, CancellationToken cancellationToken)
    {
        var line = Encoding.UTF8.GetBytes($"{build.Id} {build.Version} {build.Status}\n");
        lock (_lock)
        {
            // At once, so that a kill leaves a whole line or none.
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            file.Write(line);
        }

        return Task.CompletedTask;
    }
}
