using CliWrap;
using CliWrap.Buffered;

namespace MergeQueue;

/// <summary>The branch that others land on, in the repository of the person who runs this.</summary>
internal sealed class TargetBranch(string repository, string name)
{
    // Tells the merges of the queue from what others have put onto the branch.
    private const string Trailer = "Landed-By: merge-queue";

    private string Reference => $"refs/heads/{name}";

    /// <exception cref="InvalidOperationException">It is no repository, there is no such branch, or it is checked out.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await FindAsync(name, cancellationToken);
        if ((await GitAsync(["worktree", "list", "--porcelain"], cancellationToken)).Split('\n').Contains($"branch {Reference}"))
        {
            throw new InvalidOperationException($"'{name}' is checked out, and its files would not follow. Check out something else there, as with 'git switch --detach'.");
        }
    }

    /// <summary>Gets the commit of a branch.</summary>
    public async Task<string> FindAsync(string branch, CancellationToken cancellationToken)
    {
        var commit = await RunAsync(["rev-parse", "--quiet", "--verify", "--end-of-options", $"refs/heads/{branch}^{{commit}}"], cancellationToken);
        return commit.ExitCode == 0 ? commit.StandardOutput.Trim() : throw new InvalidOperationException($"There is no branch '{branch}' in '{repository}'.");
    }

    public async Task<bool> HasAsync(string commitId, CancellationToken cancellationToken) =>
        (await RunAsync(["merge-base", "--is-ancestor", commitId, Reference], cancellationToken)).ExitCode == 0;

    /// <summary>Gets the last commit that the queue has not landed: what everything is verified on.</summary>
    public async Task<string> FoundationAsync(CancellationToken cancellationToken) =>
        await GitAsync(["log", "--first-parent", "--max-count=1", "--invert-grep", $"--grep=^{Trailer}$", "--format=%H", Reference], cancellationToken);

    /// <summary>Merges a commit, unless somebody else moves the branch meanwhile.</summary>
    public async Task<bool> TryLandAsync(Entry entry, CancellationToken cancellationToken)
    {
        var tip = await FindAsync(name, cancellationToken);
        var tree = await GitAsync(["merge-tree", "--write-tree", tip, entry.CommitId], cancellationToken);
        var merge = await GitAsync(["commit-tree", tree, "-p", tip, "-p", entry.CommitId, "-m", $"Merge {entry.Branch}", "-m", Trailer], cancellationToken);
        return (await RunAsync(["update-ref", Reference, merge, tip], cancellationToken)).ExitCode == 0;
    }

    private async Task<string> GitAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var result = await RunAsync(arguments, cancellationToken);
        return result.ExitCode == 0 ? result.StandardOutput.Trim() : throw new InvalidOperationException($"git {arguments[0]} failed in '{repository}': {result.StandardError.Trim()}");
    }

    private async Task<BufferedCommandResult> RunAsync(string[] arguments, CancellationToken cancellationToken) =>
        await Cli.Wrap("git").WithArguments(["-C", repository, .. arguments]).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellationToken);
}
