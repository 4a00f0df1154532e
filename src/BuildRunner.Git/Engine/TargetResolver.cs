using System.Collections.Frozen;
using BuildRunner.Git.Remotes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Engine;

/// <summary>Resolves the target of triggers, at the remote if there is one, and checks that the commits of their changes exist.</summary>
internal sealed class TargetResolver
{
    private readonly GitBuildRunnerOptions _options;
    private readonly PrivateRepository _repository;
    private readonly RemoteRepository? _remote;
    private readonly CommitResolver _commits;
    private readonly CancellationToken _disposing;

    public TargetResolver(
        GitBuildRunnerOptions options,
        PrivateRepository repository,
        TimeProvider timeProvider,
        CancellationToken disposing)
    {
        _options = options;
        _repository = repository;
        _remote = RemoteRepository.Find(options, repository, timeProvider);
        _commits = new CommitResolver(AskAsync);
        _disposing = disposing;
    }

    /// <summary>Gets a task that completes when no call is in progress. It never fails.</summary>
    public Task Asking => _commits.Asking;

    /// <returns>The commit of the target, or of a head that merged refs have merged onto it.</returns>
    /// <exception cref="BuildRunnerException">The commit of a change does not exist or has the wrong format.</exception>
    /// <exception cref="GitException">The target does not exist, or git or the remote failed.</exception>
    public async Task<string> ResolveAsync(List<AppliedChange> changes, CancellationToken cancellationToken)
    {
        _remote?.CheckFormat(changes);
        string[] commitIds = [.. changes.Select(static change => change.CommitId)];
        var commits = await _commits.ResolveAsync(commitIds, cancellationToken).ConfigureAwait(false);
        return commitIds.FirstOrDefault(commits.Missing.Contains) is not { } missing
            ? _options.IsMerged ? commitIds[^1] : commits.Target
            : throw new BuildRunnerException(
                $"The commit {missing} is not in the repository '{_options.Repository}'. Fetch it, or set "
                + $"{nameof(GitBuildRunnerOptions)}.{nameof(_options.Remote)}.");
    }

    private async Task<ResolvedCommits> AskAsync(IReadOnlyList<string> commitIds, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_disposing, cancellationToken);
        return _remote is not null
            ? new ResolvedCommits(await _remote.ResolveTargetAsync(stop.Token).ConfigureAwait(false), FrozenSet<string>.Empty)
            : await _repository.ResolveAsync(_options.TargetBranch, commitIds, stop.Token).ConfigureAwait(false);
    }
}
