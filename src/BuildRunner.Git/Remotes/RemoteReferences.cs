using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>Asks the remote what its references are.</summary>
internal sealed class RemoteReferences(RemoteGit remote)
{
    // What an argument list can take in any case.
    private const int MaxArguments = 500;

    /// <summary>Gets the ids of those of the references that the remote has.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ListAsync(IEnumerable<string> references, CancellationToken cancellationToken)
    {
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (var names in references.Chunk(MaxArguments))
        {
            var answer = await remote.RunAsync(["ls-remote", "--quiet", "--", remote.Address.Text, .. names], cancellationToken).ConfigureAwait(false);
            foreach (var line in answer.Text.Split('\n'))
            {
                // A name is the end of another one as well for git.
                if (line.Split('\t') is [var id, var name] && names.Contains(name, StringComparer.Ordinal))
                {
                    found[name] = id;
                }
            }
        }

        return found;
    }
}
