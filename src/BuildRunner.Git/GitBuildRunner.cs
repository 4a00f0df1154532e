using BuildRunner.Git.Engine;
using BuildRunner.Git.Logs;

namespace BuildRunner.Git;

/// <summary>
/// Provides a runner that builds changes of a git repository on this machine: it applies base and head to the target branch in a private repository and runs a command on the result.
/// </summary>
/// <remarks>
/// <para>
/// <b>It runs the changes' own code with the rights of this process. It is no sandbox.</b>
/// </para>
/// <para>
/// Registered with <c>AddGitBuildRunner</c>; the container that made it cancels what runs when it is disposed. Builds are known to the process that triggered them, until it ends. Trigger keys are ignored. Safe for concurrent use. Linux only.
/// </para>
/// </remarks>
public sealed class GitBuildRunner : IBuildRunner, IBuildLogSource
{
    private readonly GitBuildEngine _engine;

    internal GitBuildRunner(GitBuildEngine engine) => _engine = engine;

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
        return _engine.Find(buildId).Snapshot;
    }

    /// <inheritdoc/>
    public async Task CancelAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        cancellationToken.ThrowIfCancellationRequested();
        await _engine.Find(buildId).RequestCancelAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<Stream> OpenLogAsync(BuildId buildId, CancellationToken cancellationToken = default)
    {
        BuildId.ThrowIfDefault(buildId);
        cancellationToken.ThrowIfCancellationRequested();
        var build = _engine.Find(buildId);
        try
        {
            return BuildLog.OpenRead(build.LogPath);
        }
        catch (IOException exception)
        {
            throw new BuildRunnerException($"The log of the build '{buildId}' cannot be read: {exception.Message}", exception) { BuildId = buildId };
        }
    }
}
