using System.Runtime.Versioning;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Engine;

/// <summary>Opens the private repository of a state directory, which is made where it does not exist. Several processes have one and the same.</summary>
[SupportedOSPlatform("linux")]
internal static class StateRepository
{
    /// <param name="layout">Where everything is.</param>
    /// <param name="create">Makes the directories that are not there yet.</param>
    /// <param name="scratch">Gets where this process writes what is not in its place yet, once these are there.</param>
    /// <param name="userRepository">The repository to borrow from.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <exception cref="GitException">The directory cannot be used, or git or the repository cannot.</exception>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static async Task<PrivateRepository> OpenAsync(
        StateLayout layout, Action create, Func<ScratchDirectory> scratch, string userRepository, CancellationToken cancellationToken)
    {
        if (StateDirectory.WorkTreeAround(layout.Root) is { } workTree)
        {
            throw new GitException($"The state directory '{layout.Root}' lies in the git work tree '{workTree}', whose files would get into the builds; choose one outside of any work tree.");
        }

        Directory.CreateDirectory(layout.Root);
        Mark(layout);
        create();
        var repository = await PrivateRepository.OpenAsync(layout.Repository, userRepository, scratch().NewPath, cancellationToken).ConfigureAwait(false);
        Assign(layout, scratch(), repository);
        return repository;
    }

    // A build is made of the repository that it was triggered on, whoever runs it.
    private static void Assign(StateLayout layout, ScratchDirectory scratch, PrivateRepository repository)
    {
        if (File.ReadAllText(layout.Marker).Length == 0)
        {
            GitDirectory.Replace(layout.Marker, repository.BorrowedObjectsDirectory, scratch.NewPath);
        }

        if (File.ReadAllText(layout.Marker) is var owner && owner != repository.BorrowedObjectsDirectory)
        {
            throw new GitException($"The state directory '{layout.Root}' is that of the repository with the objects '{owner}', and not of that with '{repository.BorrowedObjectsDirectory}'; choose another one, or delete it where the repository was moved.");
        }
    }

    private static void Mark(StateLayout layout)
    {
        // The mark is looked for again after the rest: another process may just be making the directory, the mark first.
        if (!File.Exists(layout.Marker) && Directory.EnumerateFileSystemEntries(layout.Root).Any() && !File.Exists(layout.Marker))
        {
            // What is in it could be taken for a part of the state.
            throw new GitException($"The state directory '{layout.Root}' is not empty and was not made by this runner; choose one that is empty or does not exist.");
        }

        if (!File.Exists(layout.Marker))
        {
            using var marker = new FileStream(layout.Marker, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        }
    }
}
