using System.Runtime.Versioning;
using BuildRunner.Git.Logs;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Repository;

/// <summary>Represents a work tree that successive builds use. Its repository is created again for each build, because an earlier build
/// could have written to it. Not thread-safe.</summary>
[SupportedOSPlatform("linux")]
internal sealed class WorkTree(string path)
{
    private readonly string _gitDirectory = System.IO.Path.Combine(path, "git");
    private readonly KeptFiles _files = new(System.IO.Path.Combine(path, "index"));

    // What the clean-up found of the last checkout.
    private IReadOnlyList<IndexEntry>? _kept;
    private bool _isClean;

    /// <summary>Gets the root of the files.</summary>
    public string Root { get; } = System.IO.Path.Combine(path, "tree");

    /// <summary>Gets the directory to merge changes in.</summary>
    public string Merge { get; } = System.IO.Path.Combine(path, "merge");

    private string Index => System.IO.Path.Combine(_gitDirectory, "index");

    private string Pointer => System.IO.Path.Combine(Root, ".git");

    private string PointerText => $"gitdir: {_gitDirectory}\n";

    /// <summary>Deletes what the last build left, except the untouched files of its commit.</summary>
    /// <exception cref="IOException">The work tree can neither be cleaned nor moved away.</exception>
    public void Clean(string objectFormat, BuildLog log, CancellationToken cancellationToken)
    {
        try
        {
            TryClean(objectFormat, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && TrySetAside())
        {
            // For example files of another user, from a container that the last build ran.
            log.Note($"the work tree could not be cleaned and is created again: {exception.Message}");
            TryClean(objectFormat, cancellationToken);
        }
    }

    /// <summary>Checks out a commit, so that the work tree has its files and nothing else.</summary>
    /// <exception cref="GitException">The commit does not exist, or git cannot write.</exception>
    /// <exception cref="IOException">The disk cannot be written.</exception>
    public async Task CheckOutAsync(
        PrivateRepository repository,
        string commitId,
        string cookie,
        BuildLog log,
        CancellationToken cancellationToken)
    {
        if (!_isClean)
        {
            Clean(repository.ObjectFormat, log, cancellationToken);
        }

        try
        {
            await TryCheckOutAsync(repository, commitId, cookie, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception is GitException or IOException or UnauthorizedAccessException
                && !cancellationToken.IsCancellationRequested
                && TrySetAside())
        {
            log.Note($"the work tree could not be used and is created again: {exception.Message}");
            TryClean(repository.ObjectFormat, cancellationToken);
            await TryCheckOutAsync(repository, commitId, cookie, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes everything to make room.</summary>
    /// <exception cref="IOException">Something could not be deleted; everything else was.</exception>
    public void Delete(CancellationToken cancellationToken)
    {
        _isClean = false;
        DirectoryTree.Delete(path, cancellationToken);
    }

    private void TryClean(string objectFormat, CancellationToken cancellationToken)
    {
        _kept = _files.Read(objectFormat);
        KeptDirectory kept = new();
        kept.AddFile("index"u8);
        GitDirectory.KeepOwn(kept.AddDirectory("git"u8));
        GitDirectory.KeepOwn(kept.AddDirectory("merge"u8));
        KeepTree(kept.AddDirectory("tree"u8), _kept ?? []);
        DirectoryTree.Clean(path, kept, cancellationToken);
        Directory.CreateDirectory(path);
        _isClean = true;
    }

    private void KeepTree(KeptDirectory tree, IReadOnlyList<IndexEntry> entries)
    {
        tree.AddAll(entries);
        if (GitDirectory.IsFile(Pointer, PointerText))
        {
            tree.AddFile(".git"u8);
        }
    }

    private async Task TryCheckOutAsync(PrivateRepository repository, string commitId, string cookie, CancellationToken cancellationToken)
    {
        _isClean = false;
        var before = _kept;
        Prepare(repository, commitId);
        if (before is not null)
        {
            _files.MoveTo(Index);
        }

        var after = await ResetAsync(repository, commitId, cookie, cancellationToken).ConfigureAwait(false);
        if (before is not null && !HaveSameAttributes(before, after))
        {
            // How files are written has changed, even if their content has not.
            File.Delete(Index);
            KeptDirectory nothing = new();
            KeepTree(nothing, []);
            DirectoryTree.Clean(Root, nothing, cancellationToken);
            after = await ResetAsync(repository, commitId, cookie, cancellationToken).ConfigureAwait(false);
        }

        if (after is not null)
        {
            _files.Keep(Index);
        }
    }

    private async Task<IReadOnlyList<IndexEntry>?> ResetAsync(
        PrivateRepository repository, string commitId, string cookie, CancellationToken cancellationToken)
    {
        // Not with reset, which also writes HEAD and ORIG_HEAD; HEAD already names the commit.
        GitCommand git = new(_gitDirectory, Root, cookie);
        await git.RunOrThrowAsync(["--work-tree=" + Root, "read-tree", "--reset", "-u", commitId], cancellationToken).ConfigureAwait(false);
        return GitIndex.TryRead(Index, repository.ObjectFormat);
    }

    private static bool HaveSameAttributes(IReadOnlyList<IndexEntry> before, IReadOnlyList<IndexEntry>? after) =>
        after is not null && before.Where(static entry => entry.IsAttributes).Select(Describe)
            .SequenceEqual(after.Where(static entry => entry.IsAttributes).Select(Describe));

    private static string Describe(IndexEntry entry) => Convert.ToHexString(entry.ObjectId.Span) + Convert.ToHexString(entry.Path.Span);

    /// <summary>Moves the work tree away, even if little of it can be deleted.</summary>
    private bool TrySetAside()
    {
        var aside = LeftWorkTrees.NewPath(path);
        try
        {
            Directory.Move(path, aside);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        LeftWorkTrees.TryDelete(aside, CancellationToken.None);
        return true;
    }

    private void Prepare(PrivateRepository repository, string commitId)
    {
        Directory.CreateDirectory(Root);
        repository.WriteWorkTreeDirectory(_gitDirectory, commitId);
        if (!GitDirectory.IsFile(Pointer, PointerText))
        {
            File.WriteAllText(Pointer, PointerText);
        }
    }
}
