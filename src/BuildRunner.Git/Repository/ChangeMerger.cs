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
    // How many changes are merged without a look at which of them the target has, which is worth one run of git where they are many.
    private const int Few = 4;

    private readonly GitCommand _git = new(path, path, cookie, repository.ObjectsDirectory);

    /// <summary>Merges the changes that the target does not have onto it, one after the other.</summary>
    public async Task<ApplyResult> ApplyAsync(string target, IReadOnlyList<AppliedChange> changes, CancellationToken cancellationToken)
    {
        Prepare();
        var read = repository.LastTarget is { } last && last.CommitId == target ? last : await ReadTargetAsync(target, cancellationToken).ConfigureAwait(false);
        repository.LastTarget = read;
        await WriteAttributesAsync(read.Attributes, cancellationToken).ConfigureAwait(false);
        List<string> commitIds = [.. changes.Select(static change => change.CommitId)];
        var contained = changes.Count > Few ? await ContainedCommits.FindAsync(_git, target, commitIds, cancellationToken).ConfigureAwait(false) : null;
        HashSet<string> seen = [.. contained ?? []];
        MergedCommit current = new(target, read.Tree);
        var @base = current;
        foreach (var change in changes.Where(change => seen.Add(change.CommitId)))
        {
            var (merged, conflict) = await MergeAsync(current.CommitId, change, cancellationToken).ConfigureAwait(false);
            if (conflict is not null)
            {
                return conflict;
            }

            // What the target has already changes nothing; what changes nothing need not be of the target, though.
            if (merged == current.Tree && (contained ??= await ContainedCommits.FindAsync(_git, target, commitIds, cancellationToken).ConfigureAwait(false)).Contains(change.CommitId))
            {
                continue;
            }

            var commit = await _git.RunOrThrowAsync(
                ["commit-tree", merged!, "-p", current.CommitId, "-p", change.CommitId, "-m", $"Apply {change.CommitId}"], cancellationToken).ConfigureAwait(false);
            current = new MergedCommit(commit.Text, merged!);
            if (change.Side == BuildFailedSides.Base)
            {
                @base = current;
            }
        }

        return new ApplyResult.Applied(@base, current);
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

    private async Task<MergeTarget> ReadTargetAsync(string target, CancellationToken cancellationToken)
    {
        var tree = await _git.RunOrThrowAsync(["rev-parse", "--verify", "--end-of-options", target + "^{tree}"], cancellationToken).ConfigureAwait(false);
        var attributes = await _git.RunAsync(["cat-file", "blob", target + ":.gitattributes"], cancellationToken).ConfigureAwait(false);
        return new MergeTarget(target, tree.Text, attributes.Succeeded ? attributes.Output.ToArray() : null);
    }

    private async Task WriteAttributesAsync(byte[]? attributes, CancellationToken cancellationToken)
    {
        var file = Path.Combine(path, "info", "attributes");
        if (attributes is null)
        {
            File.Delete(file);
        }
        else
        {
            await File.WriteAllBytesAsync(file, attributes, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(string? Tree, ApplyResult? Conflict)> MergeAsync(string current, AppliedChange change, CancellationToken cancellationToken)
    {
        string[] arguments = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", current, change.CommitId];
        var merge = await _git.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        var fields = Split(merge.Output);

        // A conflict has the tree first; a missing object ends with 1 as well, but with nothing on the output.
        if (merge.ExitCode == 1 && fields.Count > 0)
        {
            return (null, new ApplyResult.Conflict(change.Side, change.CommitId, [.. fields.Skip(1).Select(static path => GitPath.ToText(path.Span))]));
        }

        if (!merge.Succeeded)
        {
            var common = await _git.RunAsync(["merge-base", current, change.CommitId], cancellationToken).ConfigureAwait(false);
            return common is { ExitCode: 1, Output.Length: 0, Error: "" }
                ? (null, new ApplyResult.Unrelated(change.Side, change.CommitId))
                : throw GitCommand.Failed(arguments, merge);
        }

        return (Encoding.ASCII.GetString(fields[0].Span), null);
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
