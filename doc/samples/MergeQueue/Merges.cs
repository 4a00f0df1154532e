using System.Globalization;

namespace MergeQueue;

/// <summary>
/// Makes the commits that are verified and that land, in a bare repository of its own, so that neither the configuration nor the files of the user's repository change a merge. The objects go to the user's repository.
/// </summary>
internal sealed class Merges
{
    // 2100-01-01. Every merge from a later date on would have it as well, and git walks commits by their dates.
    private const long EndOfDates = 4_102_444_800;

    private readonly Git _git;
    private readonly string _directory;

    // Of the same two commits the merge is always the same.
    private readonly Dictionary<(string Onto, string Head), Merge> _made = [];

    private Merges(Git git, string directory) => (_git, _directory) = (git, directory);

    /// <param name="directory">Where its own repository is made.</param>
    /// <param name="repository">The repository of the user.</param>
    /// <param name="cancellationToken">The <see cref="CancellationToken"/> to monitor for cancellation requests.</param>
    public static async Task<Merges> OpenAsync(string directory, string repository, CancellationToken cancellationToken)
    {
        var user = Git.In(repository);
        string[] questions = ["--path-format=absolute", "--git-path", "objects", "--git-path", "shallow", "--show-object-format"];
        var answers = (await user.ReadAsync(["rev-parse", .. questions], cancellationToken)).Split('\n');
        var (objects, shallow, format) = (answers[0], answers[1], answers[2]);

        // Others who may write the repository must be able to write beside what is written here.
        var shared = (await user.RunAsync(["config", "--get", "core.sharedRepository"], cancellationToken)).Text;
        foreach (var name in new[] { "info", "objects", "refs" })
        {
            Directory.CreateDirectory(Path.Combine(directory, name));
        }

        File.WriteAllText(Path.Combine(directory, "HEAD"), "ref: refs/heads/none\n");
        File.WriteAllText(Path.Combine(directory, "config"), $"""
            [core]
            	repositoryFormatVersion = 1
            	bare = true
            	attributesFile = /dev/null
            	sharedRepository = {(shared.Length == 0 ? "umask" : shared)}
            [extensions]
            	objectFormat = {format}

            """);

        // What a git that was killed has left.
        File.Delete(Path.Combine(directory, "index.lock"));
        File.Delete(Path.Combine(directory, "shallow"));
        if (File.Exists(shallow))
        {
            File.Copy(shallow, Path.Combine(directory, "shallow"));
        }

        var attributes = Directory.CreateDirectory(Path.ChangeExtension(directory, "attributes")).FullName;
        return new Merges(new Git(["-C", attributes, "--git-dir", directory, "--work-tree", attributes], ("GIT_OBJECT_DIRECTORY", objects)), directory);
    }

    /// <summary>Merges a branch onto a commit.</summary>
    /// <exception cref="GitException">It is not known whether the two can be merged.</exception>
    public async Task<Merge> MakeAsync(string onto, Entry entry, CancellationToken cancellationToken)
    {
        if (!_made.TryGetValue((onto, entry.CommitId), out var merge))
        {
            _made[(onto, entry.CommitId)] = merge = await MergeAsync(onto, entry, cancellationToken);
        }

        return merge;
    }

    private async Task<Merge> MergeAsync(string onto, Entry entry, CancellationToken cancellationToken)
    {
        await TakeAttributesAsync(onto, cancellationToken);
        var merged = await _git.RunAsync(["merge-tree", "--write-tree", "--no-messages", onto, entry.CommitId], cancellationToken);

        // A conflict has a tree as well; what cannot be merged at all has none.
        if (merged is { ExitCode: 1, Output.Length: > 0 })
        {
            return Merge.Impossible("it conflicts");
        }

        if (merged.ExitCode != 0 && await _git.RunAsync(["merge-base", onto, entry.CommitId], cancellationToken) is { ExitCode: 1, Output: [], Error: "" })
        {
            return Merge.Impossible("it has no history in common with the target");
        }

        // Before version 2.44, git takes a tree that it cannot read for an empty one, and only complains.
        if (merged.Error.Split('\n').FirstOrDefault(static line => line.StartsWith("error: Could not read ", StringComparison.Ordinal)) is { } error)
        {
            throw new GitException($"git {merged.Command} failed: {error}");
        }

        var tree = merged.TextOrThrow();
        var dates = (await _git.ReadAsync(["rev-list", "--no-walk", "--timestamp", onto, entry.CommitId], cancellationToken)).Split('\n');
        string[] commit = ["commit-tree", tree, "-p", onto, "-p", entry.CommitId, "-m", $"Merge {entry.Branch}"];
        return Merge.Of((await _git.RunAsync(commit, cancellationToken, date: $"@{dates.Max(DateOf)} +0000")).TextOrThrow());
    }

    // By git itself, which knows which names there can be, and in a work tree that holds nothing else, where it looks for attributes when it merges.
    private async Task TakeAttributesAsync(string onto, CancellationToken cancellationToken)
    {
        File.Delete(Path.Combine(_directory, "index"));
        await _git.ReadAsync(["clean", "-ffdxq"], cancellationToken);
        var names = (await _git.ReadAsync(["ls-tree", "-r", "-z", "--name-only", onto], cancellationToken)).Split('\0');
        if (names.Any(static name => name.Split('/')[^1] == ".gitattributes"))
        {
            await _git.ReadAsync(["checkout", "--quiet", onto, "--", ":(glob)**/.gitattributes"], cancellationToken);
        }
    }

    // The seconds of the commit, or 0 where they cannot be meant: git tells a date before 1970 as a number that is far too large.
    private static long DateOf(string line) =>
        long.TryParse(line.Split(' ')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var date) && date < EndOfDates ? date : 0;
}
