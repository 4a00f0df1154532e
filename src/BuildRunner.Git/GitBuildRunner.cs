using BuildRunner.Git.Engine;

namespace BuildRunner.Git;

/// <summary>
/// Provides a runner that builds changes of a git repository on this machine: it applies base and head to the target branch in a private repository and runs a command on the result.
/// </summary>
/// <remarks>
/// <para>
/// <b>It runs the changes' own code with the rights of this process. It is no sandbox.</b>
/// </para>
/// <para>
/// Registered with <c>AddGitBuildRunner</c>. Builds are kept in a state directory, which any number of processes on this machine can use together: each of them knows every build, whoever has triggered it, and a trigger key gives one build in all of them.
/// </para>
/// <para>
/// Builds run in each process that has triggered one, or in which the hosted services have been started. What a process runs when its container is disposed of, its host stops or it is killed goes back to <see cref="BuildStatus.Accepted"/> and is run again, from the beginning, by the next process that runs builds of the directory. As long as there is none, it stays accepted.
/// </para>
/// <para>
/// Safe for concurrent use. Linux only.
/// </para>
/// </remarks>
public sealed class GitBuildRunner : IBuildRunner, IBuildLogSource, IBuildFinder
{
    private readonly IGitBuildEngine _engine;

    internal GitBuildRunner(IGitBuildEngine engine) => _engine = engine;

    /// <inheritdoc/>
    public Task<BuildId> TriggerAsync(BuildRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return _engine.TriggerAsync(request, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<BuildSnapshot> StatusAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        cancellationToken.ThrowIfCancellationRequested();
        return _engine.Read(buildId);
    }

    /// <inheritdoc/>
    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        cancellationToken.ThrowIfCancellationRequested();
        await _engine.CancelAsync(buildId).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        cancellationToken.ThrowIfCancellationRequested();
        return _engine.OpenLog(buildId);
    }

    /// <inheritdoc/>
    public async Task<BuildId?> FindAsync(string triggerKey, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(triggerKey);
        cancellationToken.ThrowIfCancellationRequested();
        return _engine.Find(triggerKey);
    }
}
