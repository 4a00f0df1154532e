namespace BuildRunner.Git.Repository;

/// <summary>A work tree that builds use one after the other. Its repository is made anew for each of them, because the build before could have written to it.</summary>
internal sealed class WorkTree(string path)
{
    private readonly string _gitDirectory = System.IO.Path.Combine(path, "git");

    /// <summary>Gets the root of the files.</summary>
    public string Root { get; } = System.IO.Path.Combine(path, "tree");

    /// <summary>Makes the files those of a commit, and nothing else.</summary>
    public async Task CheckOutAsync(PrivateRepository repository, string commitId, string cookie, CancellationToken cancellationToken)
    {
        Prepare(repository);
        var git = new GitCommand(_gitDirectory, Root, cookie);
        string[][] steps =
        [
            ["update-ref", "--no-deref", "HEAD", commitId],

            // While there is no index: everything is untracked then, what lies in the place of a submodule and repositories in tracked directories too.
            ["--work-tree=" + Root, "clean", "--quiet", "-ffdx"],
            ["--work-tree=" + Root, "reset", "--quiet", "--hard", commitId],
        ];
        foreach (var step in steps)
        {
            await git.RunOrThrowAsync(step, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Makes the directory for what the work tree needs, where it is not there any more.</summary>
    /// <returns>Where changes can be merged.</returns>
    public string PrepareToMerge()
    {
        DeleteUnlessDirectory(path);
        Directory.CreateDirectory(path);
        return System.IO.Path.Combine(path, "merge");
    }

    private void Prepare(PrivateRepository repository)
    {
        DeleteUnlessDirectory(Root);
        Directory.CreateDirectory(Root);
        Unlock(new DirectoryInfo(Root));

        var pointer = System.IO.Path.Combine(Root, ".git");
        PutIntoTree(pointer);
        PutIntoTree(_gitDirectory);
        repository.WriteWorkTreeDirectory(_gitDirectory);
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
            if (!OperatingSystem.IsWindows())
            {
                var mode = File.GetUnixFileMode(directory.FullName);
                File.SetUnixFileMode(directory.FullName, mode | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
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
