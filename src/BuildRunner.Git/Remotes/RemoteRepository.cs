using BuildRunner.Git.Changes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>Represents the remote, which provides what the private repository lacks.</summary>
internal sealed class RemoteRepository
{
    private readonly ISourceOptions _options;
    private readonly PrivateRepository _repository;
    private readonly TimeProvider _timeProvider;

    private RemoteRepository(ISourceOptions options, PrivateRepository repository, RemoteAddress address, TimeProvider timeProvider)
    {
        _options = options;
        _repository = repository;
        Address = address;
        _timeProvider = timeProvider;
    }

    public RemoteAddress Address { get; }

    /// <summary>Gets the remote of the options, or <see langword="null"/> if they name none.</summary>
    public static RemoteRepository? Find(ISourceOptions options, PrivateRepository repository, TimeProvider timeProvider) =>
        RemoteAddress.TryParse(options.Remote) is { } address ? new RemoteRepository(options, repository, address, timeProvider) : null;

    /// <summary>Validates the ids of changes before they are fetched. Whether the commits exist turns out in the build.</summary>
    /// <exception cref="BuildRunnerException">An id is not of the repository's object format.</exception>
    public void CheckFormat(IEnumerable<AppliedChange> changes)
    {
        if (changes.FirstOrDefault(change => !IsOfFormat(change.CommitId)) is { } other)
        {
            throw new BuildRunnerException(DescribeFormat(other.CommitId, $"The commit {other.CommitId}"));
        }
    }

    /// <summary>Gets the current commit of the target, which may not be fetched yet.</summary>
    /// <exception cref="GitException">The target does not exist or is not of the repository's object format, or the remote cannot be
    /// read.</exception>
    public async Task<string> ResolveTargetAsync(CancellationToken cancellationToken)
    {
        var target = _options.TargetBranch;
        if (GitReference.IsCommitId(target))
        {
            CheckTargetFormat(target, $"The target '{target}'");
            return target.ToLowerInvariant();
        }

        return TargetOf(await ListAsync(TargetReferences, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Gets the references to read to resolve a target that is not a commit id.</summary>
    public string[] TargetReferences => [GitReference.Expand(_options.TargetBranch), GitReference.Expand(_options.TargetBranch) + "^{}"];

    /// <summary>Resolves the target from the values of these references.</summary>
    /// <exception cref="GitException">The target does not exist or is not of the repository's object format.</exception>
    public string TargetOf(IReadOnlyDictionary<string, string> tips)
    {
        // For an annotated tag, the second reference names its commit.
        var tip = tips.GetValueOrDefault(TargetReferences[1]) ?? tips.GetValueOrDefault(TargetReferences[0])
            ?? throw new GitException(
                $"The target '{_options.TargetBranch}' is not a reference of the remote '{Address}'; "
                + "name a branch, a full reference or a full commit id.");
        CheckTargetFormat(tip, $"The target '{_options.TargetBranch}' of the remote '{Address}'");
        return tip;
    }

    /// <summary>Gets the ids of the given references, as far as the remote has them.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public Task<IReadOnlyDictionary<string, string>> ListAsync(IEnumerable<string> references, CancellationToken cancellationToken) =>
        new RemoteReferences(Open(_repository.OpenGit())).ListAsync(references, cancellationToken);

    /// <summary>Gets the ids of all references that start with one of the given prefixes.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public Task<IReadOnlyDictionary<string, string>> ListBelowAsync(IEnumerable<string> prefixes, CancellationToken cancellationToken) =>
        new RemoteReferences(Open(_repository.OpenGit())).ListBelowAsync(prefixes, cancellationToken);

    /// <summary>Gets the target of a symbolic reference, or <see langword="null"/> if it is not symbolic, does not exist, or the remote
    /// does not tell.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public Task<string?> FindStandInAsync(string reference, CancellationToken cancellationToken) =>
        new RemoteReferences(Open(_repository.OpenGit())).FindStandInAsync(reference, cancellationToken);

    /// <summary>Updates all given references of the remote or none, and sends the objects that they need.</summary>
    /// <exception cref="GitException">The remote did not answer.</exception>
    public Task<PushResult> PushAsync(
        IReadOnlyList<PushedReference> references, IReadOnlyList<string> pushOptions, CancellationToken cancellationToken) =>
        new RemotePush(Open(_repository.OpenGit())).RunAsync(references, pushOptions, cancellationToken);

    /// <summary>Fetches missing commits, by id or from the references of each, and holds them with references of the build.</summary>
    /// <exception cref="GitException">A commit cannot be fetched, or the remote cannot be read.</exception>
    public async Task FetchAsync(
        IReadOnlyList<string> commitIds,
        ILookup<string, string> references,
        string buildId,
        string cookie,
        Action<string> note,
        CancellationToken cancellationToken)
    {
        var git = _repository.OpenGit(cookie);
        var stored = new StoredCommits(git);
        var missing = await stored.FindIncompleteAsync(commitIds, cancellationToken).ConfigureAwait(false);
        if (missing.Count == 0)
        {
            return;
        }

        // What an earlier, unfinished run fetched.
        _repository.ForgetFetched(buildId);
        note($"fetching {missing.Count} commits from {Address}");
        await new RemoteFetch(Open(git), stored, buildId).RunAsync(missing, references, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fetches the missing commits of the target and the changes, and holds them with references of the build.</summary>
    /// <exception cref="GitException">A commit cannot be fetched, or the remote cannot be read.</exception>
    public Task FetchAsync(
        string target,
        IReadOnlyList<AppliedChange> changes,
        string buildId,
        string cookie,
        Action<string> note,
        CancellationToken cancellationToken)
    {
        string[] commitIds = [.. changes.Select(static change => change.CommitId).Prepend(target).Distinct()];
        return FetchAsync(commitIds, ReferencesOf(target, changes), buildId, cookie, note, cancellationToken);
    }

    private RemoteGit Open(GitCommand git) => new(git, Address, _options, _timeProvider);

    private void CheckTargetFormat(string objectId, string what)
    {
        if (!IsOfFormat(objectId))
        {
            throw new GitException(DescribeFormat(objectId, what));
        }
    }

    private bool IsOfFormat(string objectId) => FormatOf(objectId) == _repository.ObjectFormat;

    private string DescribeFormat(string objectId, string what) =>
        $"{what} has the object format {FormatOf(objectId)}, but the repository '{_options.Repository}' has {_repository.ObjectFormat}; "
        + "use a clone of the remote, which has its format.";

    private static string FormatOf(string objectId) => objectId.Length == 40 ? "sha1" : "sha256";

    private ILookup<string, string> ReferencesOf(string target, IEnumerable<AppliedChange> changes)
    {
        var pairs = changes.Select(static change => (change.CommitId, change.Reference));
        if (!GitReference.IsCommitId(_options.TargetBranch))
        {
            pairs = pairs.Prepend((target, GitReference.Expand(_options.TargetBranch)));
        }

        return pairs.Distinct().ToLookup(static pair => pair.CommitId, static pair => pair.Reference);
    }
}
