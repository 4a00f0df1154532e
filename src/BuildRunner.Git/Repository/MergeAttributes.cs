using System.Runtime.Versioning;

namespace BuildRunner.Git.Repository;

/// <summary>Provides the attributes of the commit that is merged onto, in a work tree where git finds them.</summary>
/// <param name="git">The repository.</param>
/// <param name="newPath">Gets an unused path.</param>
/// <param name="known">The attributes of the first tree.</param>
[SupportedOSPlatform("linux")]
internal sealed class MergeAttributes(GitCommand git, Func<string> newPath, TreeAttributes known) : IDisposable
{
    private TreeAttributes _known = known;
    private AttributesDirectory? _directory;

    /// <summary>Gets the root of the work tree.</summary>
    public string Path => _directory?.Path ?? throw new InvalidOperationException($"Call {nameof(UseAsync)} first.");

    /// <summary>Switches to the attributes of a tree.</summary>
    /// <exception cref="GitException">They cannot be read.</exception>
    /// <exception cref="IOException">They cannot be written.</exception>
    public async Task UseAsync(string tree, CancellationToken cancellationToken)
    {
        var attributes = await TreeAttributes.ReadAsync(git, tree, _known, cancellationToken).ConfigureAwait(false);
        if (_directory is null || attributes.Files != _known.Files)
        {
            _directory?.Dispose();
            _directory = null;
            _directory = AttributesDirectory.Create(newPath(), attributes);
        }

        _known = attributes;
    }

    public void Dispose() => _directory?.Dispose();
}
