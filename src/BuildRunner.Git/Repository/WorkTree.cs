using System.Runtime.Versioning;
using BuildRunner.Git.Logs;

namespace BuildRunner.Git.Repository;

/// <summary>A work tree that builds use one after the other. Its repository is made anew for each of them, because the build before could have written to it.</summary>
[SupportedOSPlatform("linux")]
internal sealed class WorkTree(string path)
{
    private readonly string _gitDirectory = System.IO.Path.Combine(path, "git");
    private readonly KeptFiles _kept = new(System.IO.Path.Combine(path, "tree"), System.IO.Path.Combine(path, "index"));

    /// <summary>Gets the root of the files.</summary>
    public string Root { get; } = System.IO.Path.Combine(path, "tree");

    private string Index => System.IO.Path.Combine(_gitDirectory, "index");

    /// <summary>Makes the files those of a commit, and nothing else.</summary>
    /// <exception cref="GitException">The commit cannot be had, or git cannot write.</exception>
    /// <exception cref="IOException">The disk cannot be written.</exception>
    public async Task CheckOutAsync(PrivateRepository repository, string commitId, string cookie, BuildLog log, CancellationToken cancellationToken)
    {
        try
        {
            await TryCheckOutAsync(repository, commitId, cookie, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is GitException or IOException or UnauthorizedAccessException && !cancellationToken.IsCancellationRequested && TrySetAside(repository.NewPath()))
        {
            // Such as files of another user, from a container that the build before has run.
            log.Note($"the work tree could not be cleaned, and is made anew: {exception.Message}");
            await TryCheckOutAsync(repository, commitId, cookie, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TryCheckOutAsync(PrivateRepository repository, string commitId, string cookie, CancellationToken cancellationToken)
    {
        Prepare(repository, commitId);
        var git = new GitCommand(_gitDirectory, Root, cookie);
        var before = _kept.TakeBack(Index, repository.ObjectFormat);
        var after = await CleanAndResetAsync(git, repository, commitId, cancellationToken).ConfigureAwait(false);
        if (before is not null && !HaveSameAttributes(before, after))
        {
            // How files are written has changed, also of those that are the same.
            File.Delete(Index);
            after = await CleanAndResetAsync(git, repository, commitId, cancellationToken).ConfigureAwait(false);
        }

        _kept.Keep(Index, after);
    }

    private async Task<IReadOnlyList<IndexEntry>?> CleanAndResetAsync(GitCommand git, PrivateRepository repository, string commitId, CancellationToken cancellationToken)
    {
        // Without an index everything is untracked, what lies in the place of a submodule and repositories in tracked directories too.
        await git.RunOrThrowAsync(["--work-tree=" + Root, "clean", "--quiet", "-ffdx"], cancellationToken).ConfigureAwait(false);

        // Not by reset, which writes HEAD and ORIG_HEAD as well; HEAD is that of the commit already.
        await git.RunOrThrowAsync(["--work-tree=" + Root, "read-tree", "--reset", "-u", commitId], cancellationToken).ConfigureAwait(false);
        return GitIndex.TryRead(Index, repository.ObjectFormat);
    }

    private static bool HaveSameAttributes(IReadOnlyList<IndexEntry> before, IReadOnlyList<IndexEntry>? after) =>
        after is not null && before.Where(static entry => entry.IsAttributes).Select(Describe).SequenceEqual(after.Where(static entry => entry.IsAttributes).Select(Describe));

    private static string Describe(IndexEntry entry) => Convert.ToHexString(entry.ObjectId.Span) + Convert.ToHexString(entry.Path.Span);

    /// <summary>Makes the directory for what the work tree needs, where it is not there any more.</summary>
    /// <returns>Where changes can be merged.</returns>
    public string PrepareToMerge()
    {
        DeleteUnlessDirectory(path);
        Directory.CreateDirectory(path);
        return System.IO.Path.Combine(path, "merge");
    }

    /// <summary>Gets the files out of the way, however little of them can be deleted.</summary>
    private bool TrySetAside(string destination)
    {
        try
        {
            // With what is known of the files.
            Directory.Move(path, destination);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        try
        {
            Directory.Delete(destination, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It lies where nobody works any more.
        }

        return true;
    }

    private void Prepare(PrivateRepository repository, string commitId)
    {
        DeleteUnlessDirectory(Root);
        Directory.CreateDirectory(Root);
        Unlock(new DirectoryInfo(Root));

        var pointer = System.IO.Path.Combine(Root, ".git");
        var content = $"gitdir: {_gitDirectory}\n";
        if (!GitDirectory.IsFile(pointer, content))
        {
            PutIntoTree(pointer);
            File.WriteAllText(pointer, content);
        }

        if (!GitDirectory.TryReset(_gitDirectory))
        {
            PutIntoTree(_gitDirectory);
        }

        repository.WriteWorkTreeDirectory(_gitDirectory, commitId);

        // As that of a directory which is new.
        File.SetUnixFileMode(Root, File.GetUnixFileMode(_gitDirectory));
        File.WriteAllText(pointer, $"gitdir: {_gitDirectory}\n");
    }

    // What the build before has put in the place of a directory of ours; a link above all, behind which everything would be cleaned away.
    private static void DeleteUnlessDirectory(string entry)
    {
        if (new FileInfo(entry).LinkTarget is not null || File.Exists(entry))
        {
            File.Delete(entry);
        }
    }

    // The build before could have taken away the right to change a directory, or even to look into it.
    private static void Unlock(DirectoryInfo directory)
    {
        try
        {
            var mode = File.GetUnixFileMode(directory.FullName);
            var unlocked = mode | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
            if (mode != unlocked)
            {
                File.SetUnixFileMode(directory.FullName, unlocked);
            }

            foreach (var child in directory.EnumerateDirectories().Where(static child => child.LinkTarget is null))
            {
                Unlock(child);
            }
        }
        catch (IOException)
        {
            // Its name is not UTF-8, so that .NET cannot reach it. If git cannot either, git says so.
        }
    }

    // Where git cleans it away with the rest: .NET could not delete what has a name that is not UTF-8.
    private void PutIntoTree(string entry)
    {
        DeleteUnlessDirectory(entry);
        if (Directory.Exists(entry))
        {
            Unlock(new DirectoryInfo(entry));
            Directory.Move(entry, System.IO.Path.Combine(Root, $"left-behind-{Guid.NewGuid():N}"));
        }
    }
}
