using System.Globalization;
using CliWrap;
using CliWrap.Buffered;

namespace MergeQueue;

/// <summary>The branch that others land on, in the repository of the person who runs this.</summary>
internal sealed class TargetBranch(string repository, string name)
{
    public string Name { get; } = name;

    private string Reference => $"refs/heads/{Name}";

    /// <exception cref="InvalidOperationException">It is no repository, there is no such branch, or it is checked out.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        await TipAsync(cancellationToken);
        if ((await GitAsync(["worktree", "list", "--porcelain"], cancellationToken)).Split('\n').Contains($"branch {Reference}"))
        {
            throw new InvalidOperationException($"'{Name}' is checked out, and its files would not follow. Check out something else there, as with 'git switch --detach'.");
        }
    }

    public Task<string> TipAsync(CancellationToken cancellationToken) => FindAsync(Name, cancellationToken);

    /// <summary>Gets the commit that the branch began with.</summary>
    public Task<string> RootAsync(CancellationToken cancellationToken) => GitAsync(["rev-list", "--first-parent", "--max-parents=0", Reference], cancellationToken);

    /// <summary>Gets the commit of a branch.</summary>
    public async Task<string> FindAsync(string branch, CancellationToken cancellationToken)
    {
        var commit = await RunAsync(["rev-parse", "--quiet", "--verify", "--end-of-options", $"refs/heads/{branch}^{{commit}}"], cancellationToken);
        return commit.ExitCode == 0 ? commit.StandardOutput.Trim() : throw new InvalidOperationException($"There is no branch '{branch}' in '{repository}'.");
    }

    /// <summary>Determines whether a commit is in the history of another.</summary>
    public async Task<bool> HasAsync(string tip, string commitId, CancellationToken cancellationToken) =>
        (await RunAsync(["merge-base", "--is-ancestor", commitId, tip], cancellationToken)).ExitCode == 0;

    /// <summary>Makes the commit that is to be verified and to land. For the same two it is the same, whenever it is made.</summary>
    /// <returns>The commit, or <see langword="null"/> where the two conflict.</returns>
    public async Task<string?> MergeAsync(string onto, Entry entry, CancellationToken cancellationToken)
    {
        string[] merge = ["merge-tree", "--write-tree", "--no-messages", onto, entry.CommitId];
        var merged = await RunAsync(merge, cancellationToken);

        // A conflict has a tree as well; what cannot be merged at all has none.
        if (merged is { ExitCode: 1, StandardOutput.Length: > 0 })
        {
            return null;
        }

        var dates = await GitAsync(["rev-list", "--no-walk", "--timestamp", onto, entry.CommitId], cancellationToken);
        var date = $"@{dates.Split('\n').Max(static line => long.Parse(line.Split(' ')[0], CultureInfo.InvariantCulture))} +0000";
        string[] commit = ["commit-tree", OutputOf(merge, merged), "-p", onto, "-p", entry.CommitId, "-m", $"Merge {entry.Branch}"];
        return OutputOf(commit, await RunAsync(commit, cancellationToken, date));
    }

    /// <summary>Moves the branch, unless somebody else has moved it.</summary>
    public async Task<bool> TryMoveAsync(string from, string to, CancellationToken cancellationToken)
    {
        string[] move = ["update-ref", "-m", "merge-queue", Reference, to, from];
        var moved = await RunAsync(move, cancellationToken);
        if (moved.ExitCode != 0 && await TipAsync(cancellationToken) != from)
        {
            return false;
        }

        OutputOf(move, moved);
        return true;
    }

    private async Task<string> GitAsync(string[] arguments, CancellationToken cancellationToken) => OutputOf(arguments, await RunAsync(arguments, cancellationToken));

    private string OutputOf(string[] arguments, BufferedCommandResult result) => result.ExitCode == 0
        ? result.StandardOutput.Trim()
        : throw new InvalidOperationException($"git {arguments[0]} failed in '{repository}': {result.StandardError.Trim()}");

    private async Task<BufferedCommandResult> RunAsync(string[] arguments, CancellationToken cancellationToken, string? date = null) =>
        await Cli.Wrap("git").WithArguments(["-C", repository, .. arguments])
            .WithEnvironmentVariables(environment => environment.Set("GIT_AUTHOR_DATE", date).Set("GIT_COMMITTER_DATE", date))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(cancellationToken);
}
