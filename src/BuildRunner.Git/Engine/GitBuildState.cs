using System.Globalization;
using System.Threading.Channels;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Engine;

/// <summary>What a runner has on disk: the private repository, the work trees and the logs. One process holds it at a time.</summary>
internal sealed class GitBuildState : IDisposable
{
    private readonly FileStream _lock;
    private readonly string _logs;
    private readonly Channel<WorkTree> _workTrees;

    private GitBuildState(FileStream @lock, string path, PrivateRepository repository, int workTrees)
    {
        _lock = @lock;
        _logs = Path.Combine(path, "logs");
        Repository = repository;
        _workTrees = Channel.CreateBounded<WorkTree>(workTrees);
        for (var number = 1; number <= workTrees; number++)
        {
            Return(new WorkTree(Path.Combine(path, "work", number.ToString(CultureInfo.InvariantCulture))));
        }

        Directory.CreateDirectory(_logs);
    }

    public PrivateRepository Repository { get; }

    /// <exception cref="GitException">The directory cannot be used, or git or the repository cannot.</exception>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static async Task<GitBuildState> OpenAsync(GitBuildRunnerOptions options, CancellationToken cancellationToken)
    {
        var path = StateDirectory.PathOf(options);
        if (StateDirectory.WorkTreeAround(path) is { } workTree)
        {
            throw new GitException($"The state directory '{path}' lies in the git work tree '{workTree}', whose files would get into the builds; choose one outside of any work tree.");
        }

        Directory.CreateDirectory(path);
        var stateLock = Lock(path);
        try
        {
            var repository = await PrivateRepository.OpenAsync(Path.Combine(path, "repository.git"), options.Repository, cancellationToken).ConfigureAwait(false);
            DeleteIfThere(Path.Combine(path, "logs"));
            return new GitBuildState(stateLock, path, repository, options.MaxConcurrency);
        }
        catch
        {
            await stateLock.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public string LogPathOf(BuildId buildId) => Path.Combine(_logs, buildId.Value + ".log");

    /// <summary>Waits for a work tree that no other build uses; the first to wait is the first to get one.</summary>
    public ValueTask<WorkTree> RentAsync(CancellationToken cancellationToken) => _workTrees.Reader.ReadAsync(cancellationToken);

    public void Return(WorkTree workTree) => _workTrees.Writer.TryWrite(workTree);

    public void Dispose()
    {
        Repository.Dispose();
        _lock.Dispose();
    }

    private static FileStream Lock(string path)
    {
        var file = Path.Combine(path, "buildrunner.lock");
        if (!File.Exists(file) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            // What is in it is going to be deleted and replaced.
            throw new GitException($"The state directory '{path}' is not empty and was not made by this runner; choose one that is empty or does not exist.");
        }

        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception)
        {
            throw new GitException($"The state directory '{path}' cannot be locked ({exception.Message}); if another process uses it, give each its own.", exception);
        }
    }

    private static void DeleteIfThere(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
