using BuildRunner.Git.Repository;

namespace BuildRunner.Git.Remotes;

/// <summary>A remote that is a repository of this machine: what a push cannot do there is done in it, in one transaction. Its hooks and filters have no say.</summary>
internal sealed class LocalRemote
{
    private static readonly string[] Options = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"];

    private readonly GitCommand _git;

    private LocalRemote(string path) => _git = new GitCommand(gitDirectory: null, path);

    /// <summary>Gets the repository, or <see langword="null"/> where the remote is elsewhere.</summary>
    public static LocalRemote? Find(RemoteAddress address)
    {
        if (address.Protocol != "file")
        {
            return null;
        }

        var path = address.Text.StartsWith('/') ? address.Text : Uri.UnescapeDataString(address.Text["file://".Length..]);

        // As git finds it.
        return new LocalRemote(Directory.Exists(path) ? path : path + ".git");
    }

    /// <summary>Gets the directory in which a branch is checked out, or <see langword="null"/>.</summary>
    /// <exception cref="GitException">The repository cannot be read.</exception>
    public async Task<string?> FindCheckOutAsync(string reference, CancellationToken cancellationToken)
    {
        var list = await _git.RunOrThrowAsync([.. Options, "worktree", "list", "--porcelain", "-z"], cancellationToken).ConfigureAwait(false);
        var trees = list.Text.Split("\0\0");
        return trees.FirstOrDefault(tree => tree.Split('\0').Contains($"branch {reference}")) is { } found ? found.TrimStart('\0').Split('\0')[0]["worktree ".Length..] : null;
    }

    /// <summary>Changes references, all or none. None is followed to another one that it stands for.</summary>
    /// <returns>What has come of it. Where one was not what was expected is not told apart from where git could not.</returns>
    public async Task<(bool IsDone, string Error)> MoveAsync(IEnumerable<PushedReference> references, CancellationToken cancellationToken)
    {
        var input = string.Concat(references.Select(static reference =>
            $"option no-deref\n{(reference.Wanted == reference.Expected ? $"verify {reference.Name} {reference.Expected}" : $"update {reference.Name} {reference.Wanted} {reference.Expected}")}\n"));
        var result = await _git.RunAsync([.. Options, "update-ref", "-m", "merged refs", "--stdin"], cancellationToken, $"start\n{input}prepare\ncommit\n").ConfigureAwait(false);
        return (result.Succeeded, result.Error.Trim());
    }
}
