using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>
/// Merges changes without a work tree, by a repository of its own: what decides a merge lies in files there, and another build's may differ. The objects go to the private repository.
/// </summary>
/// <param name="path">Where its repository is.</param>
/// <param name="repository">Where the objects are.</param>
/// <param name="cookie">What its git is known by.</param>
internal sealed class ChangeMerger(string path, PrivateRepository repository, string cookie)
{
    private readonly GitCommand _git = new(path, path, cookie, repository.ObjectsDirectory);

    /// <summary>Merges the changes that the target does not have onto it, one after the other.</summary>
    public async Task<ApplyResult> ApplyAsync(string target, IReadOnlyList<AppliedChange> changes, CancellationToken cancellationToken)
    {
        Prepare();
        await CopyAttributesAsync(target, cancellationToken).ConfigureAwait(false);
        var contained = await ContainedCommits.FindAsync(_git, target, [.. changes.Select(static change => change.CommitId)], cancellationToken).ConfigureAwait(false);
        var current = target;
        foreach (var change in changes.Where(change => contained.Add(change.CommitId)))
        {
            switch (await MergeAsync(current, change, cancellationToken).ConfigureAwait(false))
            {
                case ApplyResult.Applied applied:
                    current = applied.CommitId;
                    break;
                case var conflict:
                    return conflict;
            }
        }

        return new ApplyResult.Applied(current);
    }

    private void Prepare()
    {
        // What a build before has put in their place, which it can if it looks for them.
        foreach (var directory in new[] { path, Path.Combine(path, "info") })
        {
            if (new FileInfo(directory).LinkTarget is not null || File.Exists(directory))
            {
                File.Delete(directory);
            }
        }

        repository.WriteMergeDirectory(path);
    }

    private async Task CopyAttributesAsync(string target, CancellationToken cancellationToken)
    {
        var attributes = Path.Combine(path, "info", "attributes");
        var answer = await _git.RunAsync(["cat-file", "blob", target + ":.gitattributes"], cancellationToken).ConfigureAwait(false);
        if (answer.Succeeded)
        {
            await File.WriteAllBytesAsync(attributes, answer.Output, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            File.Delete(attributes);
        }
    }

    private async Task<ApplyResult> MergeAsync(string current, AppliedChange change, CancellationToken cancellationToken)
    {
        string[] arguments = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", current, change.CommitId];
        var merge = await _git.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        var fields = Split(merge.Output);

        // A conflict has the tree first; a missing object ends with 1 as well, but with nothing on the output.
        if (merge.ExitCode == 1 && fields.Count > 0)
        {
            return new ApplyResult.Conflict(change.Side, change.CommitId, [.. fields.Skip(1).Select(static path => GitPath.ToText(path.Span))]);
        }

        if (!merge.Succeeded)
        {
            var common = await _git.RunAsync(["merge-base", current, change.CommitId], cancellationToken).ConfigureAwait(false);
            return common is { ExitCode: 1, Output.Length: 0, Error: "" }
                ? new ApplyResult.Unrelated(change.Side, change.CommitId)
                : throw GitCommand.Failed(arguments, merge);
        }

        var tree = Encoding.ASCII.GetString(fields[0].Span);
        var commit = await _git.RunOrThrowAsync(
            ["commit-tree", tree, "-p", current, "-p", change.CommitId, "-m", $"Apply {change.CommitId}"], cancellationToken).ConfigureAwait(false);
        return new ApplyResult.Applied(commit.Text);
    }

    private static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> output)
    {
        List<ReadOnlyMemory<byte>> fields = [];
        while (output.Span.IndexOf((byte)0) is >= 0 and var end)
        {
            fields.Add(output[..end]);
            output = output[(end + 1)..];
        }

        return fields;
    }
}
