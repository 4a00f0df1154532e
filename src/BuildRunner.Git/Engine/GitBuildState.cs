using System.Runtime.Versioning;
using BuildRunner.Git.Repository;
using BuildRunner.Git.Storage;

namespace BuildRunner.Git.Engine;

/// <summary>A state directory that builds can be run in: the builds and what they run on. Several processes have one and the same.</summary>
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

    /// <exception cref="GitException">The directory cannot be used, or git or the repository cannot.</exception>
    /// <exception cref="IOException">The directory cannot be written.</exception>
    public static async Task<GitBuildState> OpenAsync(StateLayout layout, BuildStore store, string userRepository, CancellationToken cancellationToken)
    {
        var repository = await StateRepository.OpenAsync(layout, layout.Create, () => store.Scratch, userRepository, cancellationToken).ConfigureAwait(false);
        return new GitBuildState(layout, store, repository);
    }
}
