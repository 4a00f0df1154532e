namespace BuildRunner.Git.Tests.Fixtures;

/// <summary>The result of git itself for changes in a checkout.</summary>
internal static class MergedByGit
{
    /// <summary>Merges changes one after the other.</summary>
    /// <returns>The id of the tree, or the change that conflicts.</returns>
    public static async Task<string> DescribeAsync(TestRepository repository, string target, IEnumerable<string> changes) =>
        (await DescribeAsync(repository, [(target, changes)])).Single();

    /// <summary>Merges several lots of changes, each onto a target.</summary>
    public static async Task<string[]> DescribeAsync(TestRepository repository, IEnumerable<(string Target, IEnumerable<string> Changes)> lots)
    {
        var script = $$"""
            git worktree add --quiet --detach {{repository["by-git"]}} 2> /dev/null || true
            cd {{repository["by-git"]}}
            merge_all() {
                git merge --abort 2> /dev/null || true
                git checkout --quiet --force --detach $1
                shift
                for change; do
                    if ! git merge --quiet --no-edit $change > /dev/null 2>&1; then
                        echo conflict with $change
                        return
                    fi
                done
                git rev-parse HEAD^{tree}
            }

            """ + string.Concat(lots.Select(static lot => $"merge_all {lot.Target} {string.Join(' ', lot.Changes)}\n"));
        await File.WriteAllTextAsync(repository["by-git.sh"], script);
        return (await repository.ShellAsync($". {repository["by-git.sh"]}")).Split('\n');
    }
}
