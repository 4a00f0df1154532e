using System.Runtime.Versioning;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Engine;

/// <summary>Represents an open state directory, which several processes may share.</summary>
[SupportedOSPlatform("linux")]
internal sealed class GitBuildState
{
    private GitBuildState(StateLayout layout, BuildStore store, PrivateRepository repository)
    {
        Layout = layout;
        Store = store;
        Repository = repository;
    }

    public StateLayout Layout { get; }

    public BuildStore Store { get; }

    public PrivateRepository Repository { get; }

    /// <exception cref="GitException">The directory, git or the repository cannot be used.</exception>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static async Task<GitBuildState> OpenAsync(
        StateLayout layout,
        BuildStore store,
        string userRepository,
        CancellationToken cancellationToken)
    {
        var repository = await StateRepository
            .OpenAsync(layout, layout.Create, () => store.Scratch, userRepository, cancellationToken)
            .ConfigureAwait(false);
        return new GitBuildState(layout, store, repository);
    }
}
