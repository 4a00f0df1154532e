namespace BuildRunner.Git.Repository;

/// <summary>A work tree that builds use one after the other. Its repository is made anew for each of them, because the build before could have written to it.</summary>
internal sealed class WorkTree(string path)
{
    private readonly string _gitDirectory = System.IO.Path.Combine(path, "git");

    /// <summary>Gets the root of the files.</summary>
    public string Root { get; } = System.IO.Path.Combine(path, "tree");

    /// <summary>Makes the files those of a commit, and nothing else.</summary>
    public async Task CheckOutAsync(PrivateRepository repository, string commitId, CancellationToken cancellationToken)
    {
        Prepare(repository);
        var git = new GitCommand(_gitDirectory, Root);
        string[][] steps =
        [
            ["update-ref", "--no-deref", "HEAD", commitId],
            ["--work-tree=" + Root, "reset", "--quiet", "--hard", commitId],
            ["--work-tree=" + Root, "clean", "--quiet", "-ffdx"],
        ];
        foreach (var step in steps)
        {
            await git.RunOrThrowAsync(step, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Prepare(PrivateRepository repository)
    {
        if (Directory.Exists(_gitDirectory))
        {
            Directory.Delete(_gitDirectory, recursive: true);
        }

        GitDirectory.Write(_gitDirectory, repository.ObjectFormat, bare: false, [repository.ObjectsDirectory], repository.ShallowFile);

        Directory.CreateDirectory(Root);
        var pointer = System.IO.Path.Combine(Root, ".git");
        if (Directory.Exists(pointer))
        {
            Directory.Delete(pointer, recursive: true);
        }

        // Deleted first, because the build before could have put a link in its place.
        File.Delete(pointer);
        File.WriteAllText(pointer, $"gitdir: {_gitDirectory}\n");
    }
}
