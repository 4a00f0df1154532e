using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>Lists references of the remote.</summary>
internal sealed class RemoteReferences(RemoteGit remote)
{
    // An argument list can take this many in any case.
    private const int MaxArguments = 500;

    /// <summary>Gets the ids of the given references, as far as the remote has them.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ListAsync(IEnumerable<string> references, CancellationToken cancellationToken)
    {
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (var names in references.Chunk(MaxArguments))
        {
            // git also lists references that end with the name.
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

    /// <summary>Gets the ids of all references that start with one of the given prefixes.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ListBelowAsync(IEnumerable<string> prefixes, CancellationToken cancellationToken)
    {
        var answer = await AskAsync([], [.. prefixes.Select(static prefix => prefix + "*")], cancellationToken).ConfigureAwait(false);
        return answer.Where(reference => prefixes.Any(prefix => reference.Name.StartsWith(prefix, StringComparison.Ordinal)))
            .ToDictionary(static reference => reference.Name, static reference => reference.Id, StringComparer.Ordinal);
    }

    /// <summary>Gets the target of a symbolic reference, or <see langword="null"/> if it is not symbolic, does not exist, or the remote
    /// does not tell.</summary>
    /// <exception cref="GitException">The remote cannot be read.</exception>
    public async Task<string?> FindStandInAsync(string reference, CancellationToken cancellationToken)
    {
        const string Symbolic = "ref: ";
        var answer = await AskAsync(["--symref"], [reference], cancellationToken).ConfigureAwait(false);
        var line = answer.FirstOrDefault(line => line.Name == reference && line.Id.StartsWith(Symbolic, StringComparison.Ordinal));
        return line.Id?[Symbolic.Length..];
    }

    private async Task<List<(string Id, string Name)>> AskAsync(string[] options, string[] patterns, CancellationToken cancellationToken)
    {
        string[] arguments = ["ls-remote", "--quiet", .. options, "--", remote.Address.Text, .. patterns];
        var answer = await remote.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        var lines = answer.Text.Split('\n').Select(static line => line.Split('\t'));
        return [.. lines.Where(static fields => fields.Length == 2).Select(static fields => (fields[0], fields[1]))];
    }
}
