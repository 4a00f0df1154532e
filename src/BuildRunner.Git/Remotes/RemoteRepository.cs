using BuildRunner.Git.Changes;
using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>The remote, from which comes what the private repository lacks.</summary>
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

    /// <summary>Gets the remote of the options, or <see langword="null"/> where they have none.</summary>
    public static RemoteRepository? Find(ISourceOptions options, PrivateRepository repository, TimeProvider timeProvider) =>
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

        return TargetOf(await ListAsync(TargetReferences, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Gets the references that say what the target is, which is no commit id.</summary>
    public string[] TargetReferences => [GitReference.Expand(_options.TargetBranch), GitReference.Expand(_options.TargetBranch) + "^{}"];

    /// <summary>Gets the target from what the remote says of these references.</summary>
    /// <exception cref="GitException">There is none, or its id is not of the object format of the repository.</exception>
    public string TargetOf(IReadOnlyDictionary<string, string> tips)
    {
        // What an annotated tag stands for is beside the tag itself.
        var tip = tips.GetValueOrDefault(TargetReferences[1]) ?? tips.GetValueOrDefault(TargetReferences[0])
            ?? throw new GitException($"The target '{_options.TargetBranch}' is not a reference of the remote '{Address}'; name a branch, a full reference or the full id of a commit.");
        CheckTargetFormat(tip, $"The target '{_options.TargetBranch}' of the remote '{Address}'");
        return tip;
    }

    /// <summary>Gets the ids of those of the references that the remote has.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public Task<IReadOnlyDictionary<string, string>> ListAsync(IEnumerable<string> references, CancellationToken cancellationToken) =>
        new RemoteReferences(Open(_repository.OpenGit())).ListAsync(references, cancellationToken);

    /// <summary>Gets the references below some names, and their ids.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public Task<IReadOnlyDictionary<string, string>> ListBelowAsync(IEnumerable<string> prefixes, CancellationToken cancellationToken) =>
        new RemoteReferences(Open(_repository.OpenGit())).ListBelowAsync(prefixes, cancellationToken);

    /// <summary>Gets the reference that another one stands for, or <see langword="null"/> where it stands for itself, is not there, or the remote does not tell.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public Task<string?> FindStandInAsync(string reference, CancellationToken cancellationToken) =>
        new RemoteReferences(Open(_repository.OpenGit())).FindStandInAsync(reference, cancellationToken);

    /// <summary>Changes references of the remote, all or none, and sends what they need.</summary>
    /// <exception cref="GitException">The remote has given no answer.</exception>
    public Task<PushResult> PushAsync(
        IReadOnlyList<PushedReference> references, IReadOnlyList<string> pushOptions, CancellationToken cancellationToken) =>
        new RemotePush(Open(_repository.OpenGit())).RunAsync(references, pushOptions, cancellationToken);

    /// <summary>Fetches what is missing of commits, by their ids or from the references of each, and holds it by references of a name.</summary>
    /// <exception cref="GitException">A commit cannot be fetched, or the remote cannot be read.</exception>
    public async Task FetchAsync(
        IReadOnlyList<string> commitIds, ILookup<string, string> references, string buildId, string cookie, Action<string> note, CancellationToken cancellationToken)
    {
        var git = _repository.OpenGit(cookie);
        var stored = new StoredCommits(git);
        var missing = await stored.FindIncompleteAsync(commitIds, cancellationToken).ConfigureAwait(false);
        if (missing.Count == 0)
        {
            return;
        }

        // Of a run before this one, which was not finished.
        _repository.ForgetFetched(buildId);
        note($"fetching commits from {Address}: {missing.Count}");
        await new RemoteFetch(Open(git), stored, buildId).RunAsync(missing, references, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Fetches what is missing of the target and of the changes, and holds it by references of the build.</summary>
    /// <exception cref="GitException">A commit cannot be fetched, or the remote cannot be read.</exception>
    public Task FetchAsync(
        string target, IReadOnlyList<AppliedChange> changes, string buildId, string cookie, Action<string> note, CancellationToken cancellationToken) =>
        FetchAsync([.. changes.Select(static change => change.CommitId).Prepend(target).Distinct()], ReferencesOf(target, changes), buildId, cookie, note, cancellationToken);

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
