using System.Runtime.Versioning;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Engine;

/// <summary>Opens the private repository of a state directory, and creates it if necessary. Several processes may share it.</summary>
[SupportedOSPlatform("linux")]
internal static class StateRepository
{
    /// <param name="layout">The paths of the state directory.</param>
    /// <param name="create">Creates the missing directories.</param>
    /// <param name="scratch">Gets the scratch directory of this process, after <paramref name="create"/>.</param>
    /// <param name="userRepository">The repository to borrow objects from.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="GitException">The directory, git or the repository cannot be used.</exception>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static async Task<PrivateRepository> OpenAsync(
        StateLayout layout, Action create, Func<ScratchDirectory> scratch, string userRepository, CancellationToken cancellationToken)
    {
        if (StateDirectory.WorkTreeAround(layout.Root) is { } workTree)
        {
            throw new GitException(
                $"The state directory '{layout.Root}' lies in the git work tree '{workTree}', and builds would see the files there. "
                + "Choose a directory outside of any work tree.");
        }

        Directory.CreateDirectory(layout.Root);
        Mark(layout);
        create();
        var repository = await PrivateRepository
            .OpenAsync(layout.Repository, userRepository, scratch().NewPath, cancellationToken)
            .ConfigureAwait(false);
        Assign(layout, scratch(), repository);
        return repository;
    }

    // A build uses the repository that it was triggered on, whichever process runs it.
    private static void Assign(StateLayout layout, ScratchDirectory scratch, PrivateRepository repository)
    {
        if (File.ReadAllText(layout.Marker).Length == 0)
        {
            GitDirectory.Replace(layout.Marker, repository.BorrowedObjectsDirectory, scratch.NewPath);
        }

        if (File.ReadAllText(layout.Marker) is var owner && owner != repository.BorrowedObjectsDirectory)
        {
            throw new GitException(
                $"The state directory '{layout.Root}' belongs to the repository with the objects '{owner}', not to that with "
                + $"'{repository.BorrowedObjectsDirectory}'. Choose another directory, or delete this one if the repository was moved.");
        }
    }

    private static void Mark(StateLayout layout)
    {
        // Checked twice: another process may be creating the directory right now, and writes the marker first.
        if (!File.Exists(layout.Marker) && Directory.EnumerateFileSystemEntries(layout.Root).Any() && !File.Exists(layout.Marker))
        {
            // Its files could be mistaken for state.
            throw new GitException(
                $"The state directory '{layout.Root}' is not empty and was not created by this runner. "
                + "Choose an empty or missing directory.");
        }

        if (!File.Exists(layout.Marker))
        {
            using var marker = new FileStream(layout.Marker, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        }
    }
}
