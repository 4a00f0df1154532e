using BuildRunner.Git.Changes;
using BuildRunner.Git.Logs;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>The remote, from which comes what the private repository lacks.</summary>
internal sealed class RemoteRepository
{
    private readonly GitBuildRunnerOptions _options;
    private readonly PrivateRepository _repository;
    private readonly RemoteAddress _address;
    private readonly TimeProvider _timeProvider;

    private RemoteRepository(GitBuildRunnerOptions options, PrivateRepository repository, RemoteAddress address, TimeProvider timeProvider)
    {
        _options = options;
        _repository = repository;
        _address = address;
        _timeProvider = timeProvider;
    }

    /// <summary>Gets the remote of the options, or <see langword="null"/> where they have none.</summary>
    public static RemoteRepository? Find(GitBuildRunnerOptions options, PrivateRepository repository, TimeProvider timeProvider) =>
        RemoteAddress.TryParse(options.Remote) is { } address ? new RemoteRepository(options, repository, address, timeProvider) : null;

    /// <summary>Checks what can be said of changes before they are fetched: whether they are there shows then, in the build.</summary>
    /// <exception cref="BuildRunnerException">The id of one is not of the object format of the repository.</exception>
    public void CheckFormat(IEnumerable<AppliedChange> changes)
    {
        if (changes.FirstOrDefault(change => !IsOfFormat(change.CommitId)) is { } other)
        {
            throw new BuildRunnerException(DescribeFormat(other.CommitId, $"The commit {other.CommitId}"));
        }
    }

    /// <summary>Gets the commit that the target is now, which nobody may have fetched yet.</summary>
    /// <exception cref="GitException">There is none, the remote cannot be read, or its id is not of the object format of the repository.</exception>
    public async Task<string> ResolveTargetAsync(CancellationToken cancellationToken)
    {
        var target = _options.TargetBranch;
        if (GitReference.IsCommitId(target))
        {
            CheckTargetFormat(target, $"The target '{target}'");
            return target.ToLowerInvariant();
        }

        var reference = GitReference.Expand(target);
        var tag = reference + "^{}";
        var tips = await new RemoteReferences(Open(_repository.OpenGit())).ListAsync([reference, tag], cancellationToken).ConfigureAwait(false);

        // What an annotated tag stands for is beside the tag itself.
        var tip = tips.GetValueOrDefault(tag) ?? tips.GetValueOrDefault(reference)
            ?? throw new GitException($"The target '{target}' is not a reference of the remote '{_address}'; name a branch, a full reference or the full id of a commit.");
        CheckTargetFormat(tip, $"The target '{target}' of the remote '{_address}'");
        return tip;
    }

    /// <summary>Fetches what is missing of the target and of the changes, and holds it by references of the build.</summary>
    /// <exception cref="GitException">A commit cannot be fetched, or the remote cannot be read.</exception>
    public async Task FetchAsync(string target, IReadOnlyList<AppliedChange> changes, string buildId, string cookie, BuildLog log, CancellationToken cancellationToken)
    {
        var git = _repository.OpenGit(cookie);
        var stored = new StoredCommits(git);
        List<string> wanted = [.. changes.Select(static change => change.CommitId).Prepend(target).Distinct()];
        var missing = await stored.FindIncompleteAsync(wanted, cancellationToken).ConfigureAwait(false);
        if (missing.Count == 0)
        {
            return;
        }

        // Of a run before this one, which was not finished.
        _repository.ForgetFetched(buildId);
        log.Note($"fetching commits from {_address}: {missing.Count}");
        await new RemoteFetch(Open(git), stored, buildId).RunAsync(missing, ReferencesOf(target, changes), cancellationToken).ConfigureAwait(false);
    }

    private RemoteGit Open(GitCommand git) => new(git, _address, _options, _timeProvider);

    private void CheckTargetFormat(string objectId, string what)
    {
        if (!IsOfFormat(objectId))
        {
            throw new GitException(DescribeFormat(objectId, what));
        }
    }

    private bool IsOfFormat(string objectId) => FormatOf(objectId) == _repository.ObjectFormat;

    private string DescribeFormat(string objectId, string what) =>
        $"{what} is of the object format {FormatOf(objectId)}, but the repository '{_options.Repository}' is of {_repository.ObjectFormat}; a clone of the remote has its format.";

    private static string FormatOf(string objectId) => objectId.Length == 40 ? "sha1" : "sha256";

    private ILookup<string, string> ReferencesOf(string target, IEnumerable<AppliedChange> changes)
    {
        var ofChanges = changes.Select(static change => (change.CommitId, change.Reference));
        return (GitReference.IsCommitId(_options.TargetBranch) ? ofChanges : ofChanges.Prepend((target, GitReference.Expand(_options.TargetBranch))))
            .Distinct()
            .ToLookup(static pair => pair.Item1, static pair => pair.Item2);
    }
}
