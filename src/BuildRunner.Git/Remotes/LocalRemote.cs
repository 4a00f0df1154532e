using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>Represents a remote on this machine. References are updated directly, in one transaction that a push cannot offer. Its hooks
/// and filters are ignored.</summary>
internal sealed class LocalRemote
{
    private static readonly string[] Options = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"];

    private readonly GitCommand _git;

    private LocalRemote(string path) => _git = new GitCommand(gitDirectory: null, path);

    /// <summary>Gets the repository, or <see langword="null"/> if the remote is not on this machine.</summary>
    public static LocalRemote? Find(RemoteAddress address)
    {
        if (address.Protocol != "file")
        {
            return null;
        }

        var path = address.Text.StartsWith('/') ? address.Text : Uri.UnescapeDataString(address.Text["file://".Length..]);

        // Like git.
        return new LocalRemote(Directory.Exists(path) ? path : path + ".git");
    }

    /// <summary>Gets the directory that has a branch checked out, or <see langword="null"/>.</summary>
    /// <exception cref="GitException">The repository cannot be read.</exception>
    public async Task<string?> FindCheckOutAsync(string reference, CancellationToken cancellationToken)
    {
        string[] arguments = [.. Options, "worktree", "list", "--porcelain", "-z"];
        var list = await _git.RunOrThrowAsync(arguments, cancellationToken).ConfigureAwait(false);
        var trees = list.Text.Split("\0\0");
        var found = trees.FirstOrDefault(tree => tree.Split('\0').Contains($"branch {reference}"));
        return found?.TrimStart('\0').Split('\0')[0]["worktree ".Length..];
    }

    /// <summary>Updates all references or none. Symbolic references are not followed.</summary>
    /// <returns>Whether it succeeded, and the error. An unexpected value and a failure of git are not told apart.</returns>
    public async Task<(bool IsDone, string Error)> MoveAsync(IEnumerable<PushedReference> references, CancellationToken cancellationToken)
    {
        var input = string.Concat(references.Select(static reference => $"option no-deref\n{CommandOf(reference)}\n"));
        string[] arguments = [.. Options, "update-ref", "-m", "merged refs", "--stdin"];
        var result = await _git.RunAsync(arguments, cancellationToken, $"start\n{input}prepare\ncommit\n").ConfigureAwait(false);
        return (result.Succeeded, result.Error.Trim());
    }

    private static string CommandOf(PushedReference reference) => reference.Wanted == reference.Expected
        ? $"verify {reference.Name} {reference.Expected}"
        : $"update {reference.Name} {reference.Wanted} {reference.Expected}";
}
