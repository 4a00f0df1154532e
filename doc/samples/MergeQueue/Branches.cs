namespace MergeQueue;

/// <summary>The branches of the repository of the person who runs this: those that are to land, and the one that they land on.</summary>
internal sealed class Branches(string repository, string target)
{
    private const string Prefix = "refs/heads/";

    private readonly Git _git = Git.In(repository);

    public string Target { get; } = target;

    /// <summary>Gets the commits of the target and of others, by their names, all read at once. A branch that does not exist is not among them.</summary>
    /// <exception cref="RejectedException">There is no target, or it stands for another branch.</exception>
    public async Task<IReadOnlyDictionary<string, string>> ReadAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        HashSet<string> wanted = [ReferenceOf(Target), .. names.Select(ReferenceOf)];
        var lines = await _git.ReadAsync(["for-each-ref", "--format=%(refname)%00%(objectname)%00%(symref)", .. wanted], cancellationToken);
        var found = lines.Split('\n').Select(static line => line.Split('\0')).Where(words => wanted.Contains(words[0])).ToDictionary(static words => words[0]);
        if (!found.TryGetValue(ReferenceOf(Target), out var onto))
        {
            throw Missing(Target);
        }

        if (onto[2].Length > 0)
        {
            throw new RejectedException($"'{Target}' stands for '{onto[2]}'; name that branch as the target.");
        }

        return found.Values.ToDictionary(static words => words[0][Prefix.Length..], static words => words[1]);
    }

    /// <exception cref="RejectedException">The target is checked out in a work tree of the repository.</exception>
    public async Task CheckTargetAsync(CancellationToken cancellationToken)
    {
        var trees = (await _git.ReadAsync(["worktree", "list", "--porcelain", "-z"], cancellationToken)).Split("\0\0");
        if (trees.FirstOrDefault(tree => tree.Split('\0').Contains($"branch {ReferenceOf(Target)}")) is { } tree)
        {
            var directory = tree.Split('\0')[0]["worktree ".Length..];
            throw new RejectedException($"'{Target}' is checked out in '{directory}', whose files would not follow. Check out something else there, as with 'git switch --detach'.");
        }
    }

    /// <summary>Gets the commit that the target began with.</summary>
    public async Task<string> RootAsync(string tip, CancellationToken cancellationToken) =>
        await _git.ReadAsync(["rev-list", "--first-parent", "--max-parents=0", tip], cancellationToken);

    /// <summary>Determines whether a commit is in the history of another.</summary>
    public async Task<bool> HasAsync(string tip, string commitId, CancellationToken cancellationToken)
    {
        var answer = await _git.RunAsync(["merge-base", "--is-ancestor", commitId, tip], cancellationToken);
        return answer.ExitCode != 1 && answer.TextOrThrow() is "";
    }

    /// <summary>Determines whether a commit is in the history of another; one that does not exist any more is not.</summary>
    public async Task<bool> MayHaveAsync(string tip, string commitId, CancellationToken cancellationToken) =>
        (await _git.RunAsync(["merge-base", "--is-ancestor", commitId, tip], cancellationToken)).ExitCode == 0;

    /// <summary>Moves the target to a commit, unless somebody has moved it or the branch that lands since they were read.</summary>
    /// <exception cref="RejectedException">The target is gone, stands for another branch, or is checked out.</exception>
    public async Task<bool> TryMoveAsync(string from, string to, Entry entry, CancellationToken cancellationToken)
    {
        await ReadAsync([], cancellationToken);
        await CheckTargetAsync(cancellationToken);
        var move = $"""
            start
            option no-deref
            verify {ReferenceOf(entry.Branch)} {entry.CommitId}
            option no-deref
            update {ReferenceOf(Target)} {to} {from}
            prepare
            commit

            """;
        var moved = await _git.RunAsync(["update-ref", "-m", "merge-queue", "--stdin"], cancellationToken, move);
        if (moved.ExitCode != 0)
        {
            var now = await ReadAsync([entry.Branch], cancellationToken);
            if (now[Target] != from || now.GetValueOrDefault(entry.Branch) != entry.CommitId)
            {
                return false;
            }
        }

        moved.TextOrThrow();
        return true;
    }

    public RejectedException Missing(string branch) => new($"There is no branch '{branch}' in '{repository}'.");

    private static string ReferenceOf(string branch) => Prefix + branch;
}
