using System.Globalization;
using System.Runtime.Versioning;
using System.Text;

namespace BuildRunner.Git.Repository;

/// <summary>Merges changes without checking them out, in a repository per build: files there influence a merge, and builds may differ in
/// them. Objects are written to the private repository.</summary>
/// <param name="path">The directory of its repository.</param>
/// <param name="repository">The repository for the objects.</param>
/// <param name="cookie">The cookie for its git processes.</param>
[SupportedOSPlatform("linux")]
internal sealed class ChangeMerger(string path, PrivateRepository repository, string cookie)
{
    // Up to this many changes are merged without first asking which of them the target contains, which takes another run of git.
    private const int Few = 4;

    private readonly GitCommand _git = new(path, path, cookie, repository.ObjectsDirectory);

    /// <summary>Merges each change that the target does not contain onto it, in order.</summary>
    public async Task<ApplyResult> ApplyAsync(
        string target,
        IReadOnlyList<AppliedChange> changes,
        CancellationToken cancellationToken)
    {
        Prepare();
        var read = repository.LastTarget is { } last && last.CommitId == target
            ? last
            : await ReadTargetAsync(target, cancellationToken).ConfigureAwait(false);
        repository.LastTarget = read;
        List<AppliedChange> distinct = [.. changes.DistinctBy(static change => change.CommitId)];

        // Read during the first merge, which does not need them.
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

    /// <summary>Finds the side that added a file that no machine can check out.</summary>
    /// <param name="target">The target.</param>
    /// <param name="applied">The merged changes.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>One of <see cref="BuildFailedSides"/>, or <see langword="null"/> if neither did or it is unknown.</returns>
    public async Task<string?> FindUnusableAsync(string target, ApplyResult.Applied applied, CancellationToken cancellationToken)
    {
        // Not in the repository of the merges, which may have been moved away with the work tree.
        var git = repository.OpenGit(cookie);
        if (await IsUsableAsync(applied.Head.CommitId).ConfigureAwait(false) != false
            || await IsUsableAsync(target).ConfigureAwait(false) != true)
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
        MergeTarget target,
        List<AppliedChange> changes,
        Task<Dictionary<string, CommitHeader>> headers,
        CancellationToken cancellationToken)
    {
        List<string> commitIds = [.. changes.Select(static change => change.CommitId)];
        var contained = changes.Count > Few ? await FindContainedAsync().ConfigureAwait(false) : null;
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

            // A change that the target contains changes nothing; but a change that changes nothing may still be new.
            if (merged == current.Tree
                && (contained ??= await FindContainedAsync().ConfigureAwait(false)).Contains(change.CommitId))
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

        Task<HashSet<string>> FindContainedAsync() => ContainedCommits.FindAsync(_git, target.CommitId, commitIds, cancellationToken);
    }

    // Dated like the latest parent, so that the commit is the same each time. git walks commits by date: to reach one that is older than
    // its parents, it would walk all of their history.
    private async Task<MergedCommit> CommitAsync(
        string tree,
        string current,
        string change,
        long seconds,
        CancellationToken cancellationToken)
    {
        string[] arguments = ["commit-tree", tree, "-p", current, "-p", change, "-m", $"Apply {change}"];
        var date = string.Create(CultureInfo.InvariantCulture, $"@{seconds} +0000");
        Dictionary<string, string?> environment = new(StringComparer.Ordinal)
        {
            ["GIT_AUTHOR_DATE"] = date,
            ["GIT_COMMITTER_DATE"] = date,
        };
        var commit = await _git.RunAsync(arguments, cancellationToken, moreEnvironment: environment).ConfigureAwait(false);
        return commit.Succeeded ? new MergedCommit(commit.Text, tree) : throw GitCommand.Failed(arguments, commit);
    }

    private void Prepare()
    {
        repository.WriteMergeDirectory(path);

        // git would read attributes from either.
        File.Delete(Path.Combine(path, "info", "attributes"));
        File.Delete(Path.Combine(path, "index"));
    }

    private async Task<MergeTarget> ReadTargetAsync(string target, CancellationToken cancellationToken)
    {
        var header = (await CommitHeader.ReadAsync(_git, [target], cancellationToken).ConfigureAwait(false)).GetValueOrDefault(target)
            ?? throw new GitException($"The target {target} no longer exists.");
        var known = repository.LastTarget?.Attributes;
        var attributes = await TreeAttributes.ReadAsync(_git, header.Tree, known, cancellationToken).ConfigureAwait(false);
        return new MergeTarget(target, header, attributes);
    }

    private async Task<(string? Tree, ApplyResult? Conflict)> MergeAsync(
        string attributes,
        string current,
        AppliedChange change,
        CancellationToken cancellationToken)
    {
        // git appends these to the paths that it invents. No real path ends like that.
        string[] names = [current + "^{commit}", change.CommitId + "^{commit}"];
        string[] arguments = ["--work-tree=" + attributes, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", .. names];
        GitCommand git = new(path, attributes, cookie, repository.ObjectsDirectory);
        var merge = await git.RunAsync(arguments, cancellationToken).ConfigureAwait(false);
        var fields = NulFields.Split(merge.Output);

        // Exit code 1 is a conflict if the output has the tree; without output, an object is missing.
        if (merge.ExitCode == 1 && fields.Count > 0)
        {
            var paths = ConflictPath.RealPaths(fields.Skip(1), names);
            return (null, new ApplyResult.Conflict(change.Side, change.CommitId, paths));
        }

        if (!merge.Succeeded)
        {
            var common = await _git.RunAsync(["merge-base", current, change.CommitId], cancellationToken).ConfigureAwait(false);
            return common is { ExitCode: 1, Output.Length: 0, Error: "" }
                ? (null, new ApplyResult.Unrelated(change.Side, change.CommitId))
                : throw GitCommand.Failed(arguments, merge);
        }

        // Before version 2.44, git treats a tree that it cannot read as empty, and only prints an error.
        return merge.Error.Split('\n').Any(static line => line.StartsWith("error: Could not read ", StringComparison.Ordinal))
            ? throw GitCommand.Failed(arguments, merge)
            : (Encoding.ASCII.GetString(fields[0].Span), null);
    }
}
