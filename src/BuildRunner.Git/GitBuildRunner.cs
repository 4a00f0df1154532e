using BuildRunner.Git.Engine;

namespace BuildRunner.Git;

/// <summary>Provides a runner that builds changes of a git repository on this machine: it merges base and head into the target branch in a
/// private repository, and runs a command on the result.</summary>
/// <remarks>
/// <para>
/// <b>It runs the changes' own code with the rights of this process. It is no sandbox.</b>
/// </para>
/// <para>
/// Register it with <c>AddGitBuildRunner</c>. Builds are kept in a state directory that any number of processes on this machine can share.
/// Each process knows every build, whichever process triggered it, and a trigger key gives one build across all of them.
/// </para>
/// <para>
/// A process runs builds once it has triggered one or its hosted services have started. If its container is disposed, its host stops or it
/// is killed, its running builds go back to <see cref="BuildStatus.Accepted"/>. The next process that runs builds of the directory starts
/// them again from the beginning; until then they stay accepted.
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
