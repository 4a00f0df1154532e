using System.Collections.Frozen;
using System.Globalization;
using BuildRunner.Git.Remotes;

namespace BuildRunner.Git.Repository;

/// <summary>
/// The bare repository that has the results of all builds. It borrows the objects of the user's repository and keeps what is made itself, so that nothing of the user's is written, and nothing of it but objects decides anything. Processes share it without a lock: what is written is new objects, and files that are replaced in one step.
/// </summary>
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

    /// <summary>Gets where the objects of the user's repository are, which is the same for all its work trees.</summary>
    public string BorrowedObjectsDirectory => _user.ObjectsDirectory;

    public string ObjectsDirectory => Path.Combine(_path, "objects");

    private string ShallowFile => Path.Combine(_path, "shallow");

    /// <summary>Opens the repository; where there is none yet, it is made when it is used.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="userRepository">The repository to borrow from.</param>
    /// <param name="newPath">Gives a path on the same file system for a file that is not in its place yet.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <exception cref="GitException">git or the user's repository cannot be used.</exception>
    public static async Task<PrivateRepository> OpenAsync(string path, string userRepository, Func<string> newPath, CancellationToken cancellationToken)
    {
        await GitCommand.CheckVersionAsync(cancellationToken).ConfigureAwait(false);
        var user = await UserRepository.OpenAsync(userRepository, cancellationToken).ConfigureAwait(false);
        return new PrivateRepository(path, user, newPath);
    }

    /// <summary>Gets a path on the same file system that nothing is at.</summary>
    public string NewPath() => _newPath();

    /// <summary>Gets or sets what was last read of a target, which is the same for the builds of a while.</summary>
    public MergeTarget? LastTarget { get; set; }

    /// <summary>Gets the commit that the target is now, and which of the ids name no commit.</summary>
    /// <exception cref="GitException">There is no target.</exception>
    public async Task<ResolvedCommits> ResolveAsync(string target, IReadOnlyList<string> commitIds, CancellationToken cancellationToken) =>
        commitIds.All(IsWhole) && await _user.TryResolveAsync(target, commitIds, cancellationToken).ConfigureAwait(false) is { } known
            ? new ResolvedCommits(known, FrozenSet<string>.Empty)
            : await FindMissingAsync(target, commitIds, cancellationToken).ConfigureAwait(false);

    // Here, where there are results of builds as well.
    private async Task<ResolvedCommits> FindMissingAsync(string target, IReadOnlyList<string> commitIds, CancellationToken cancellationToken)
    {
        var objectId = await _user.ResolveAsync(target, cancellationToken).ConfigureAwait(false);
        Prepare();
        List<string> whole = [.. commitIds.Where(IsWhole)];
        var types = await CommitTypes.AskAsync(_git, [], [objectId + "^{commit}", .. whole], cancellationToken).ConfigureAwait(false);
        var commits = whole.Zip(types[1..]).Where(static pair => pair.Second is not null).Select(static pair => pair.First).ToHashSet();
        return types[0] is { } commitId
            ? new ResolvedCommits(commitId, commitIds.Where(id => !commits.Contains(id)).ToHashSet())
            : throw new GitException($"The target '{target}' is {objectId}, which is not a commit that the repository has.");
    }

    // git takes the beginning of an id for the id.
    private bool IsWhole(string commitId) => commitId.Length == CommitIdLength;

    /// <summary>Holds the result of a build, so that it outlives every cleaning up.</summary>
    /// <remarks>A file of ours and not by git, which would leave a lock on it when it is killed.</remarks>
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

    /// <summary>Gets the builds for which something is held.</summary>
    public IEnumerable<string> HeldBuilds() => Directory.Exists(Path.Combine(_path, References))
        ? Directory.EnumerateFiles(Path.Combine(_path, References)).Select(static path => Path.GetFileName(path))
        : [];

    /// <summary>Lets go of the result of a build, and of what was fetched for it.</summary>
    public void Forget(string buildId)
    {
        ForgetFetched(buildId);
        if (Directory.Exists(Path.Combine(_path, References)))
        {
            File.Delete(Path.Combine(_path, References, buildId));
        }
    }

    /// <summary>Lets go of what was fetched for a build. With what git has left beside it that was killed, which would be in the way of the next.</summary>
    public void ForgetFetched(string buildId)
    {
        var fetched = Path.Combine(_path, FetchedReferences.Of(buildId));
        if (Directory.Exists(fetched))
        {
            Directory.Delete(fetched, recursive: true);
        }
    }

    /// <summary>Lets go of what was fetched before a moment for what has not come to an end.</summary>
    public void ForgetFetched(DateTimeOffset before)
    {
        var fetched = Path.Combine(_path, FetchedReferences.All);
        if (Directory.Exists(fetched))
        {
            foreach (var directory in new DirectoryInfo(fetched).EnumerateDirectories().Where(directory => directory.LastWriteTimeUtc < before.UtcDateTime))
            {
                directory.Delete(recursive: true);
            }
        }
    }

    /// <summary>Gets git on this repository, whose configuration is ours once more.</summary>
    /// <param name="cookie">What it is known by, where it does something for a build.</param>
    public GitCommand OpenGit(string? cookie = null)
    {
        Prepare();
        return cookie is null ? _git : new GitCommand(_path, _path, cookie);
    }

    /// <summary>Deletes what no build holds and nobody has written for a while.</summary>
    /// <exception cref="GitException">git could not.</exception>
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

    // Prune deletes loose objects alone, and what was fetched can be in packs: what no build holds of them is dropped, or made loose where it is too young.
    private async Task PruneAsync(string expiry, CancellationToken cancellationToken)
    {
        await _git.RunOrThrowAsync(
            ["-c", "repack.writeBitmaps=false", "repack", "-A", "-d", "-l", "-q", $"--unpack-unreachable={expiry}"], cancellationToken).ConfigureAwait(false);
        await _git.RunOrThrowAsync(["prune", $"--expire={expiry}"], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets go of results that are no longer whole, because the user's repository has deleted what they were made of: git would not prune because of them.</summary>
    /// <returns>Whether there were any.</returns>
    private async Task<bool> DropBrokenAsync(CancellationToken cancellationToken)
    {
        var hasDropped = false;
        foreach (var reference in Directory.EnumerateFiles(Path.Combine(_path, "refs", "buildrunner"), "*", SearchOption.AllDirectories))
        {
            // What the user's references hold is whole, and not walked.
            string[] arguments = ["rev-list", "--objects", "--quiet", (await File.ReadAllTextAsync(reference, cancellationToken).ConfigureAwait(false)).Trim(), "--not", "--alternate-refs"];
            if (!(await _git.RunAsync(arguments, cancellationToken).ConfigureAwait(false)).Succeeded)
            {
                File.Delete(reference);
                hasDropped = true;
            }
        }

        return hasDropped;
    }

    /// <summary>Makes the repository in which changes are merged.</summary>
    public void WriteMergeDirectory(string path)
    {
        Prepare();
        GitDirectory.Write(path, _user.ObjectFormat, bare: true, [], _user.ShallowFile, _newPath);
    }

    /// <summary>Makes the repository of a work tree, with a commit checked out.</summary>
    public void WriteWorkTreeDirectory(string path, string commitId) =>
        GitDirectory.Write(path, _user.ObjectFormat, bare: false, [ObjectsDirectory], ShallowFile, _newPath, commitId);

    private void Prepare() => GitDirectory.Write(_path, _user.ObjectFormat, bare: true, BorrowedObjects.Find(_user.ObjectsDirectory), _user.ShallowFile, _newPath);
}
