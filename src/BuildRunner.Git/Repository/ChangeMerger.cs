using System.Globalization;
using System.Runtime.Versioning;
using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>
/// Merges changes without their files, by a repository of its own: what decides a merge lies in files there, and another build's may differ. The objects go to the private repository.
/// </summary>
/// <param name="path">Where its repository is.</param>
/// <param name="repository">Where the objects are.</param>
/// <param name="cookie">What its git is known by.</param>
[SupportedOSPlatform("linux")]
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
        List<AppliedChange> distinct = [.. changes.DistinctBy(static change => change.CommitId)];

        // Read during the first merge, because nothing needs them before.
        var headers = CommitHeader.ReadAsync(_git, [.. distinct.Select(static change => change.CommitId)], cancellationToken);
        try
        {
            return await ApplyAsync(read, distinct, headers, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await ((Task)headers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Finds the side that brought something that no machine can check out.</summary>
    /// <param name="target">The target.</param>
    /// <param name="applied">What came of the changes.</param>
    /// <param name="cancellationToken">A token that abandons the call.</param>
    /// <returns>One of <see cref="BuildFailedSides"/>, or <see langword="null"/> where neither has or it cannot be told.</returns>
    public async Task<string?> FindUnusableAsync(string target, ApplyResult.Applied applied, CancellationToken cancellationToken)
    {
        // Not in the repository of the merges, which may have been set aside with the work tree.
        var git = repository.OpenGit(cookie);
        if (await IsUsableAsync(applied.Head.CommitId).ConfigureAwait(false) != false || await IsUsableAsync(target).ConfigureAwait(false) != true)
        {
            return null;
        }

        return await IsUsableAsync(applied.Base.CommitId).ConfigureAwait(false) switch
        {
            true => BuildFailedSides.Head,
            false => BuildFailedSides.Base,
            null => null,
        };

        Task<bool?> IsUsableAsync(string commitId) => CheckOutRules.AllowAsync(git, commitId, repository.NewPath(), cancellationToken);
    }

    private async Task<ApplyResult> ApplyAsync(
        MergeTarget target, List<AppliedChange> changes, Task<Dictionary<string, CommitHeader>> headers, CancellationToken cancellationToken)
    {
        List<string> commitIds = [.. changes.Select(static change => change.CommitId)];
        var contained = changes.Count > Few ? await ContainedCommits.FindAsync(_git, target.CommitId, commitIds, cancellationToken).ConfigureAwait(false) : null;
        MergedCommit current = new(target.CommitId, target.Header.Tree);
        var (@base, date) = (current, target.Header.Date);
        using MergeAttributes attributes = new(_git, repository.NewPath, target.Attributes);
        foreach (var change in changes.Where(change => contained?.Contains(change.CommitId) != true))
        {
            await attributes.UseAsync(current.Tree, cancellationToken).ConfigureAwait(false);
            var (merged, conflict) = await MergeAsync(attributes.Path, current.CommitId, change, cancellationToken).ConfigureAwait(false);
            if (conflict is not null)
            {
                return conflict;
            }

            // What the target has already changes nothing; what changes nothing need not be of the target, though.
            if (merged == current.Tree && (contained ??= await ContainedCommits.FindAsync(_git, target.CommitId, commitIds, cancellationToken).ConfigureAwait(false)).Contains(change.CommitId))
            {
                continue;
            }

            date = Math.Max(date, (await headers.ConfigureAwait(false)).GetValueOrDefault(change.CommitId)?.Date ?? 0);
            current = await CommitAsync(merged!, current.CommitId, change.CommitId, date, cancellationToken).ConfigureAwait(false);
            if (change.Side == BuildFailedSides.Base)
            {
                @base = current;
            }
        }

        return new ApplyResult.Applied(@base, current);
    }

    // Dated like the latest parent, which is the same each time. git walks commits by their dates: to get to one that is older than its parents, it would walk all of their history.
    private async Task<MergedCommit> CommitAsync(string tree, string current, string change, long seconds, CancellationToken cancellationToken)
    {
        string[] arguments = ["commit-tree", tree, "-p", current, "-p", change, "-m", $"Apply {change}"];
        var date = string.Create(CultureInfo.InvariantCulture, $"@{seconds} +0000");
        Dictionary<string, string?> environment = new(StringComparer.Ordinal) { ["GIT_AUTHOR_DATE"] = date, ["GIT_COMMITTER_DATE"] = date };
        var commit = await _git.RunAsync(arguments, cancellationToken, moreEnvironment: environment).ConfigureAwait(false);
        return commit.Succeeded ? new MergedCommit(commit.Text, tree) : throw GitCommand.Failed(arguments, commit);
    }

    private void Prepare()
    {
        repository.WriteMergeDirectory(path);

        // Attributes in either would count.
        File.Delete(Path.Combine(path, "info", "attributes"));
        File.Delete(Path.Combine(path, "index"));
    }

    private async Task<MergeTarget> ReadTargetAsync(string target, CancellationToken cancellationToken)
    {
        var header = (await CommitHeader.ReadAsync(_git, [target], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(target)
            ?? throw new GitException($"The target {target} is not there any more.");
        return new MergeTarget(target, header, await TreeAttributes.ReadAsync(_git, header.Tree, repository.LastTarget?.Attributes, cancellationToken).ConfigureAwait(false));
    }

    private async Task<(string? Tree, ApplyResult? Conflict)> MergeAsync(string attributes, string current, AppliedChange change, CancellationToken cancellationToken)
    {
        // git appends these to the paths that it makes up. No real path ends like that.
        string[] names = [current + "^{commit}", change.CommitId + "^{commit}"];
        string[] arguments = ["--work-tree=" + attributes, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", .. names];
        var merge = await new GitCommand(path, attributes, cookie, repository.ObjectsDirectory).RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        var fields = NulFields.Split(merge.Output);

        // A conflict has the tree first; a missing object ends with 1 as well, but with nothing on the output.
        if (merge.ExitCode == 1 && fields.Count > 0)
        {
            return (null, new ApplyResult.Conflict(change.Side, change.CommitId, ConflictPath.RealPaths(fields.Skip(1), names)));
        }

        if (!merge.Succeeded)
        {
            var common = await _git.RunAsync(["merge-base", current, change.CommitId], cancellationToken).ConfigureAwait(false);
            return common is { ExitCode: 1, Output.Length: 0, Error: "" }
                ? (null, new ApplyResult.Unrelated(change.Side, change.CommitId))
                : throw GitCommand.Failed(arguments, merge);
        }

        // Before version 2.44, git takes a tree that it cannot read for an empty one, and only complains.
        return merge.Error.Split('\n').Any(static line => line.StartsWith("error: Could not read ", StringComparison.Ordinal))
            ? throw GitCommand.Failed(arguments, merge)
            : (Encoding.ASCII.GetString(fields[0].Span), null);
    }
}
