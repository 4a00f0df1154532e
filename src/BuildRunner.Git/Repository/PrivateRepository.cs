using System.Collections.Frozen;
using System.Globalization;
using BuildRunner.Git.Remotes;

namespace BuildRunner.Git.Repository;

/// <summary>Represents the bare repository that holds the results of all builds. It borrows the objects of the user's repository, reads
/// nothing but objects from it, and writes only to itself. Processes share it without a lock, because they only add objects and replace
/// files atomically.</summary>
internal sealed class PrivateRepository
{
    private const string References = "refs/buildrunner/builds";

    private readonly string _path;
    private readonly UserRepository _user;
    private readonly GitCommand _git;
    private readonly Func<string> _newPath;

    private PrivateRepository(string path, UserRepository user, Func<string> newPath)
    {
        _path = path;
        _user = user;
        _newPath = newPath;
        _git = new GitCommand(path, path);
    }

    public string ObjectFormat => _user.ObjectFormat;

    private int CommitIdLength => ObjectFormat == "sha1" ? 40 : 64;

    /// <summary>Gets the object directory of the user's repository, which is the same for all its work trees.</summary>
    public string BorrowedObjectsDirectory => _user.ObjectsDirectory;

    public string ObjectsDirectory => Path.Combine(_path, "objects");

    private string ShallowFile => Path.Combine(_path, "shallow");

    /// <summary>Opens the repository. It is created on first use.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="userRepository">The repository to borrow from.</param>
    /// <param name="newPath">Gets a temporary path on the same file system.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="GitException">git or the user's repository cannot be used.</exception>
    public static async Task<PrivateRepository> OpenAsync(
        string path,
        string userRepository,
        Func<string> newPath,
        CancellationToken cancellationToken)
    {
        await GitCommand.CheckVersionAsync(cancellationToken).ConfigureAwait(false);
        var user = await UserRepository.OpenAsync(userRepository, cancellationToken).ConfigureAwait(false);
        return new PrivateRepository(path, user, newPath);
    }

    /// <summary>Gets an unused path on the same file system.</summary>
    public string NewPath() => _newPath();

    /// <summary>Gets or sets the last target that was read, which successive builds usually share.</summary>
    public MergeTarget? LastTarget { get; set; }

    /// <summary>Gets the current commit of the target, and the ids that do not name commits.</summary>
    /// <exception cref="GitException">The target does not exist.</exception>
    public async Task<ResolvedCommits> ResolveAsync(
        string target,
        IReadOnlyList<string> commitIds,
        CancellationToken cancellationToken) =>
        commitIds.All(IsWhole) && await _user.TryResolveAsync(target, commitIds, cancellationToken).ConfigureAwait(false) is { } known
            ? new ResolvedCommits(known, FrozenSet<string>.Empty)
            : await FindMissingAsync(target, commitIds, cancellationToken).ConfigureAwait(false);

    // In this repository, which also has the results of builds.
    private async Task<ResolvedCommits> FindMissingAsync(
        string target,
        IReadOnlyList<string> commitIds,
        CancellationToken cancellationToken)
    {
        var objectId = await _user.ResolveAsync(target, cancellationToken).ConfigureAwait(false);
        Prepare();
        List<string> whole = [.. commitIds.Where(IsWhole)];
        var types = await CommitTypes.AskAsync(_git, [], [objectId + "^{commit}", .. whole], cancellationToken).ConfigureAwait(false);
        var commits = whole.Zip(types[1..]).Where(static pair => pair.Second is not null).Select(static pair => pair.First).ToHashSet();
        return types[0] is { } commitId
            ? new ResolvedCommits(commitId, commitIds.Where(id => !commits.Contains(id)).ToHashSet())
            : throw new GitException($"The target '{target}' is {objectId}, which is not a commit of the repository.");
    }

    // git accepts abbreviated ids.
    private bool IsWhole(string commitId) => commitId.Length == CommitIdLength;

    /// <summary>Holds the result of a build with a reference, so that it is not pruned.</summary>
    /// <remarks>It writes the file itself, because git would leave a lock when it is killed.</remarks>
    public void Hold(string buildId, string commitId)
    {
        Directory.CreateDirectory(Path.Combine(_path, References));
        GitDirectory.Replace(Path.Combine(_path, References, buildId), commitId + "\n", _newPath);
    }

    /// <summary>Gets the commit that is held for a build, or <see langword="null"/>.</summary>
    public string? FindHeld(string buildId)
    {
        var path = Path.Combine(_path, References, buildId);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    /// <summary>Gets the builds with a held result.</summary>
    public IEnumerable<string> HeldBuilds() => Directory.Exists(Path.Combine(_path, References))
        ? Directory.EnumerateFiles(Path.Combine(_path, References)).Select(static path => Path.GetFileName(path))
        : [];

    /// <summary>Releases the result of a build, and what was fetched for it.</summary>
    public void Forget(string buildId)
    {
        ForgetFetched(buildId);
        if (Directory.Exists(Path.Combine(_path, References)))
        {
            File.Delete(Path.Combine(_path, References, buildId));
        }
    }

    /// <summary>Releases what was fetched for a build, including locks that a killed git left.</summary>
    public void ForgetFetched(string buildId)
    {
        var fetched = Path.Combine(_path, FetchedReferences.Of(buildId));
        if (Directory.Exists(fetched))
        {
            Directory.Delete(fetched, recursive: true);
        }
    }

    /// <summary>Releases what was fetched before a point in time by builds that never ended.</summary>
    public void ForgetFetched(DateTimeOffset before)
    {
        var fetched = Path.Combine(_path, FetchedReferences.All);
        if (Directory.Exists(fetched))
        {
            var directories = new DirectoryInfo(fetched).EnumerateDirectories();
            foreach (var directory in directories.Where(directory => directory.LastWriteTimeUtc < before.UtcDateTime))
            {
                directory.Delete(recursive: true);
            }
        }
    }

    /// <summary>Restores the configuration of this repository, and returns git on it.</summary>
    /// <param name="cookie">The cookie for its processes, if it works for a build.</param>
    public GitCommand OpenGit(string? cookie = null)
    {
        Prepare();
        return cookie is null ? _git : new GitCommand(_path, _path, cookie);
    }

    /// <summary>Deletes objects that no build holds and that are older than the given age.</summary>
    /// <exception cref="GitException">git failed.</exception>
    public async Task PruneAsync(TimeSpan age, CancellationToken cancellationToken)
    {
        Prepare();
        var expiry = string.Create(CultureInfo.InvariantCulture, $"{(long)age.TotalSeconds}.seconds.ago");
        try
        {
            await PruneAsync(expiry, cancellationToken).ConfigureAwait(false);
        }
        catch (GitException)
        {
            if (!await DropBrokenAsync(cancellationToken).ConfigureAwait(false))
            {
                throw;
            }

            await PruneAsync(expiry, cancellationToken).ConfigureAwait(false);
        }
    }

    // Prune only deletes loose objects, but fetched ones may be in packs: repack drops those that no build holds, or unpacks them if they
    // are too young.
    private async Task PruneAsync(string expiry, CancellationToken cancellationToken)
    {
        string[] repack = ["-c", "repack.writeBitmaps=false", "repack", "-A", "-d", "-l", "-q", $"--unpack-unreachable={expiry}"];
        await _git.RunOrThrowAsync(repack, cancellationToken).ConfigureAwait(false);
        await _git.RunOrThrowAsync(["prune", $"--expire={expiry}"], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Releases results that are no longer complete because the user's repository deleted their objects: git would refuse to
    /// prune.</summary>
    /// <returns>Whether there were any.</returns>
    private async Task<bool> DropBrokenAsync(CancellationToken cancellationToken)
    {
        var hasDropped = false;
        var references = Path.Combine(_path, "refs", "buildrunner");
        foreach (var reference in Directory.EnumerateFiles(references, "*", SearchOption.AllDirectories))
        {
            // What the user's references hold is complete and not walked.
            var commitId = (await File.ReadAllTextAsync(reference, cancellationToken).ConfigureAwait(false)).Trim();
            string[] arguments = ["rev-list", "--objects", "--quiet", commitId, "--not", "--alternate-refs"];
            if (!(await _git.RunAsync(arguments, cancellationToken).ConfigureAwait(false)).Succeeded)
            {
                File.Delete(reference);
                hasDropped = true;
            }
        }

        return hasDropped;
    }

    /// <summary>Creates a repository to merge changes in.</summary>
    public void WriteMergeDirectory(string path)
    {
        Prepare();
        GitDirectory.Write(path, _user.ObjectFormat, bare: true, [], _user.ShallowFile, _newPath);
    }

    /// <summary>Creates the repository of a work tree, with a commit checked out.</summary>
    public void WriteWorkTreeDirectory(string path, string commitId) =>
        GitDirectory.Write(path, _user.ObjectFormat, bare: false, [ObjectsDirectory], ShallowFile, _newPath, commitId);

    private void Prepare()
    {
        var borrowed = BorrowedObjects.Find(_user.ObjectsDirectory);
        GitDirectory.Write(_path, _user.ObjectFormat, bare: true, borrowed, _user.ShallowFile, _newPath);
    }
}
