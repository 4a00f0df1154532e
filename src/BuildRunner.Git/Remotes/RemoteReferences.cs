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
            // A name is the end of another one as well for git.
            foreach (var (id, name) in await AskAsync([], names, cancellationToken).ConfigureAwait(false))
            {
                if (names.Contains(name, StringComparer.Ordinal))
                {
                    found[name] = id;
                }
            }
        }

        return found;
    }

    /// <summary>Gets the ids of all references whose names begin in one of some ways.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ListBelowAsync(IEnumerable<string> prefixes, CancellationToken cancellationToken)
    {
        var answer = await AskAsync([], [.. prefixes.Select(static prefix => prefix + "*")], cancellationToken).ConfigureAwait(false);
        return answer.Where(reference => prefixes.Any(prefix => reference.Name.StartsWith(prefix, StringComparison.Ordinal)))
            .ToDictionary(static reference => reference.Name, static reference => reference.Id, StringComparer.Ordinal);
    }

    /// <summary>Gets the reference that another one stands for, or <see langword="null"/> where it stands for itself, is not there, or the remote does not tell.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<string?> FindStandInAsync(string reference, CancellationToken cancellationToken)
    {
        const string Symbolic = "ref: ";
        var answer = await AskAsync(["--symref"], [reference], cancellationToken).ConfigureAwait(false);
        return answer.FirstOrDefault(line => line.Name == reference && line.Id.StartsWith(Symbolic, StringComparison.Ordinal)).Id?[Symbolic.Length..];
    }

    private async Task<List<(string Id, string Name)>> AskAsync(string[] options, string[] patterns, CancellationToken cancellationToken)
    {
        var answer = await remote.RunAsync(["ls-remote", "--quiet", .. options, "--", remote.Address.Text, .. patterns], cancellationToken).ConfigureAwait(false);
        return [.. answer.Text.Split('\n').Select(static line => line.Split('\t')).Where(static fields => fields.Length == 2).Select(static fields => (fields[0], fields[1]))];
    }
}
